import type { TemplateObject, TemplatePreview } from '../../../../server/schema/template-calls.ts';
import { effectWords } from '../../parts/effect.tsx';
import { plural } from '../../parts/format.ts';
import { Section } from '../../parts/section.tsx';

/** What would be made, each value with its reason; the services open, their SubVSs and rules folded. */
export function MadeList({ preview }: { preview: TemplatePreview }) {
  const services = preview.objects.filter(each => each.kind === 'virtualService');
  const rules = preview.objects.filter(each => each.kind === 'contentRule');
  return (
    <>
      <p className="template-sum" role="status">
        {sumWords(preview)} Effect: {effectWords(preview.preview.effect)}.
      </p>
      {preview.notes.length > 0 && (
        <ul className="template-notes">
          {preview.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {services.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: services of one template have no other identity
        <Made key={at} object={each} open={!each.sub} />
      ))}
      {rules.map(each => (
        <Made key={each.title} object={each} open={false} />
      ))}
    </>
  );
}

/** “Makes 2 services, 10 SubVSs with 30 Real Servers and 10 content rules.” */
function sumWords({ objects }: TemplatePreview): string {
  const count = (which: (each: TemplateObject) => boolean) => objects.filter(which).length;
  const servers = objects.reduce((sum, each) => sum + each.servers.length, 0);
  const parts = [
    [count(each => each.kind === 'virtualService' && !each.sub), 'service'],
    [count(each => each.sub), 'SubVS'],
    [servers, 'Real Server'],
    [count(each => each.kind === 'contentRule' && !each.existing), 'content rule'],
  ] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => plural(many, what));
  return `Makes ${said.join(', ')}, as one change that can be undone.`;
}

function Made({ object, open }: { object: TemplateObject; open: boolean }) {
  const what = object.kind === 'contentRule' ? 'Content Rule' : object.sub ? 'SubVS' : 'Virtual Service';
  const note = object.existing ? 'is there already and stays as it is' : object.endpoint || undefined;
  return (
    <div className={object.sub ? 'template-sub' : 'template-made'}>
      <Section title={`${what} ${object.title}`} {...(note && { note })} initiallyOpen={open}>
        <table className="template-values">
          <thead>
            <tr>
              <th scope="col">Property</th>
              <th scope="col">Value</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {object.values.map(({ property, label, value, usual, reason }) => (
              <tr key={property}>
                <th scope="row">{label}</th>
                <td>
                  {value}
                  {usual !== undefined && usual !== 'empty' && usual !== 'none' && (
                    <span className="quiet"> default {usual}</span>
                  )}
                </td>
                <td className="quiet">{reason}</td>
              </tr>
            ))}
            {object.servers.length > 0 && (
              <tr>
                <th scope="row">Real Servers</th>
                <td>{object.servers.join(', ')}</td>
                <td className="quiet">{object.serversReason}</td>
              </tr>
            )}
          </tbody>
        </table>
      </Section>
    </div>
  );
}
