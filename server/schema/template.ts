import Type, { type Static } from 'typebox';
import { id, longText, text } from './fields.ts';

/** An installed template: what apply makes of it stands in its text. The shipped ones come with the program. */
export const template = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'What people call this template. Must be unique.',
      group: 'basic',
      compat: 'name',
      min: 1,
      max: 64,
    }),
    comment: text({ label: 'Comment', help: 'What it is for.', group: 'basic', default: '', max: 255 }),
    content: longText({
      label: 'Content',
      help: 'The services and rules it makes, as JSON.',
      group: 'basic',
      default: '{}',
      max: 262_144,
    }),
  },
  { additionalProperties: false, title: 'Template' },
);

export type Template = Static<typeof template>;
