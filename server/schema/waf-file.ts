import Type, { type Static } from 'typebox';
import { choice, id, text } from './fields.ts';

/**
 * A file of rules or data for a web application firewall, as tools written for a LoadMaster manage them. Kept for those
 * tools; nothing enforces it.
 */
export const wafFile = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'A file’s name, of data with its ending. Must be unique among files of its kind.',
      group: 'basic',
      compat: 'filename',
      min: 1,
      max: 64,
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
    }),
    use: choice({
      label: 'Use',
      help: 'Which of the four stores of a LoadMaster it belongs to.',
      group: 'basic',
      default: 'owasp-rule',
      options: [
        { value: 'owasp-rule', label: 'OWASP custom rule' },
        { value: 'owasp-data', label: 'OWASP custom data' },
        { value: 'rule', label: 'Legacy custom rule' },
        { value: 'data', label: 'Legacy custom data' },
      ],
    }),
    content: text({
      label: 'Content',
      help: 'The file’s bytes in base64.',
      group: 'basic',
      default: '',
      max: 524_288,
      pattern: '^[A-Za-z0-9+/]*={0,2}$',
    }),
  },
  { additionalProperties: false, title: 'WAF File' },
);

export type WafFile = Static<typeof wafFile>;
