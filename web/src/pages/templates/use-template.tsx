import { Select } from '@mantine/core';
import type { TemplateView } from '../../../../server/schema/template-calls.ts';
import './templates.css';

interface Props {
  templates: readonly TemplateView[];
  value: string;
  onChange: (key: string) => void;
}

/** “Use Template” of Add New: by what a template is for, found by typing. */
export function UseTemplate({ templates, value, onChange }: Props) {
  const groups = [...Map.groupBy(templates, each => each.group)].map(([group, items]) => ({
    group,
    items: items.map(({ key, name, problem }) => ({ value: key, label: name, disabled: problem !== '' })),
  }));
  return (
    <div className="field use-template">
      <label htmlFor="use-template">Use Template</label>
      <div className="field-control">
        <Select
          id="use-template"
          aria-describedby="use-template-words"
          searchable
          clearable
          allowDeselect={false}
          placeholder="None: settings follow from the port"
          nothingFoundMessage="None of that name"
          maxDropdownHeight={420}
          value={value || null}
          data={groups}
          onChange={key => onChange(key ?? '')}
        />
      </div>
      <div className="field-words" id="use-template-words">
        <span className="help">
          Fills in everything, may make several services, and says why each value is as it is.
        </span>
      </div>
    </div>
  );
}
