import { SegmentedControl } from '@mantine/core';
import { type Handling, handlings, plans } from './add-plan.ts';

interface Props {
  /** Undefined until there is a port to go by. */
  value: Handling | undefined;
  onChange: (handling: Handling) => void;
  /** It follows from the port; nobody chose it. */
  guessed: boolean;
}

/** How clients' bytes are treated. Drawn like a field; it sets several of them. */
export function HandlingChoice({ value, onChange, guessed }: Props) {
  return (
    <div className="field field-wide">
      <span className="field-label" id="handling">
        Handling
      </span>
      <div className="field-control">
        <SegmentedControl
          aria-labelledby="handling"
          size="xs"
          value={value ?? ''}
          onChange={next => onChange(next as Handling)}
          data={handlings.map(each => ({ value: each, label: plans[each].label }))}
        />
      </div>
      <div className="field-words">
        <span className="help">
          {value && plans[value].words} {guessed && (value ? 'This follows from the port.' : 'Follows from the port.')}
        </span>
      </div>
    </div>
  );
}
