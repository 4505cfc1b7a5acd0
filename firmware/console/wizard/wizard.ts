import type { NetworkState } from '../../../server/schema/network/state.ts';
import { type Button, type Focus, type Form, firstFocus, press } from '../tui/form.ts';
import type { Key } from '../tui/key.ts';
import type { Page } from '../tui/page.ts';
import { type Answers, faultsOf, type Name } from './answers.ts';
import { type Step, steps } from './steps.ts';

export interface Wizard {
  answers: Answers;
  step: Step['id'];
  focus: Focus;
  /** Fields that have had their turn: only their faults are shown. */
  touched: ReadonlySet<Name>;
  /** The machine was set up before. */
  again: boolean;
}

export const begun = (answers: Answers, again = false): Wizard =>
  at({ answers, step: 'welcome', focus: { at: 0, caret: 0 }, touched: new Set(), again }, 'welcome');

/** The page of a step. Pure. */
export function pageOf(wizard: Wizard, machine: NetworkState): Page {
  const step = stepOf(wizard);
  const all = stepsFor(machine);
  const faults = faultsOf(wizard.answers, machine, wizard.again);
  return {
    title: wizard.again && step.id === 'welcome' ? 'Ballast - quick setup' : step.title,
    place: `step ${all.indexOf(step) + 1} of ${all.length}`,
    words: step.words(wizard.answers, machine, wizard.again),
    form: formOf(step),
    answerOf: name => wizard.answers[name as Name],
    faults: Object.fromEntries(Object.entries(faults).filter(([name]) => wizard.touched.has(name as Name))),
    focus: wizard.focus,
  };
}

/** What a key does. `apply` when everything is answered and shall be. Pure. */
export function pressed(wizard: Wizard, machine: NetworkState, key: Key): { wizard: Wizard; apply?: true } {
  const step = stepOf(wizard);
  const faults = faultsOf(wizard.answers, machine, wizard.again);
  const form = formOf(step);
  const { focus, change, act } = press(form, wizard.focus, name => wizard.answers[name as Name], key);
  const left = form.fields[wizard.focus.at]?.name as Name | undefined;
  const touched =
    left && (focus.at !== wizard.focus.at || change) ? new Set([...wizard.touched, left]) : wizard.touched;
  const next: Wizard = {
    ...wizard,
    focus,
    touched,
    answers: change ? { ...wizard.answers, [change.name]: change.value } : wizard.answers,
  };
  const all = stepsFor(machine);
  const place = all.indexOf(step);
  if (act === 'back') return { wizard: at(next, all[Math.max(0, place - 1)]?.id ?? 'welcome') };
  if (act !== 'next') return { wizard: next };
  const wrong = step.fields.find(field => faults[field.name]);
  if (wrong) {
    const all = new Set([...next.touched, ...step.fields.map(field => field.name)]);
    const first = step.fields.indexOf(wrong);
    return { wizard: { ...next, touched: all, focus: { at: first, caret: next.answers[wrong.name].length } } };
  }
  const following = all[place + 1];
  return following ? { wizard: at(next, following.id) } : { wizard: next, apply: true };
}

/** The step whose answers are wrong first; undefined when all can be applied. */
export function firstWrong(answers: Answers, machine: NetworkState, again = false): Step['id'] | undefined {
  const faults = faultsOf(answers, machine, again);
  return stepsFor(machine).find(step => step.fields.some(field => faults[field.name]))?.id;
}

/** At the beginning of a step. */
export function at(wizard: Wizard, step: Step['id']): Wizard {
  const found = steps.find(each => each.id === step) as Step;
  return { ...wizard, step, focus: firstFocus(formOf(found), name => wizard.answers[name as Name]) };
}

const stepOf = (wizard: Wizard) => steps.find(step => step.id === wizard.step) as Step;
const stepsFor = (machine: NetworkState) => steps.filter(step => step.when?.(machine) ?? true);

function formOf(step: Step): Form {
  const buttons: Button[] =
    step.id === 'welcome'
      ? [{ name: 'next', label: 'Begin' }]
      : [
          { name: 'back', label: 'Back' },
          { name: 'next', label: step.id === 'summary' ? 'Apply' : 'Next' },
        ];
  return { fields: step.fields, buttons };
}
