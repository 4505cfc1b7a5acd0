import { ActionIcon, Select } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { ControlProps } from './controls.tsx';

/** An ordered list of references: add, remove, move by dragging, with the buttons or with Alt and the arrows. */
export function Refs({ id, meta, value, onChange, disabled, wrong, describedBy, choices, more }: ControlProps) {
  const ids = value as number[];
  const list = useRef<HTMLOListElement>(null);
  /** Place of the item that is being dragged, and of the one it is over. */
  const dragged = useRef<number>(undefined);
  const [over, setOver] = useState<number>();
  const free = choices.filter(choice => !ids.includes(choice.id));

  /** After a move the focus stays on the same button of the same object. */
  const refocus = (of: number, act: string) =>
    requestAnimationFrame(() => {
      const item = list.current?.querySelector(`[data-ref="${of}"]`);
      const button = item?.querySelector<HTMLButtonElement>(`[data-act="${act}"]:not(:disabled)`);
      (button ?? item?.querySelector<HTMLButtonElement>('button:not(:disabled)'))?.focus();
    });
  const move = (at: number, to: number, act: string) => {
    const moved = ids[at];
    if (moved === undefined || to < 0 || to >= ids.length || disabled) return;
    onChange(ids.toSpliced(at, 1).toSpliced(to, 0, moved));
    refocus(moved, act);
  };
  const remove = (at: number) => {
    onChange(ids.toSpliced(at, 1));
    const next = ids[at + 1] ?? ids[at - 1];
    if (next === undefined) requestAnimationFrame(() => document.getElementById(id)?.focus());
    else refocus(next, 'remove');
  };
  const onKey = (event: KeyboardEvent, at: number) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(at, at + (event.key === 'ArrowUp' ? -1 : 1), event.key === 'ArrowUp' ? 'up' : 'down');
  };

  return (
    <div className="refs">
      {ids.length > 0 && (
        <ol ref={list}>
          {ids.map((of, at) => {
            const choice = choices.find(each => each.id === of);
            const name = choice?.label ?? `number ${of}`;
            return (
              <li
                key={of}
                data-ref={of}
                data-over={over === at ? '' : undefined}
                draggable={!disabled && ids.length > 1}
                onKeyDown={event => onKey(event, at)}
                onDragStart={event => {
                  event.dataTransfer.effectAllowed = 'move';
                  event.dataTransfer.setData('text/plain', name);
                  dragged.current = at;
                }}
                onDragOver={event => {
                  if (dragged.current === undefined) return;
                  event.preventDefault();
                  setOver(at);
                }}
                onDrop={event => {
                  event.preventDefault();
                  if (dragged.current !== undefined) move(dragged.current, at, 'up');
                }}
                onDragEnd={() => {
                  dragged.current = undefined;
                  setOver(undefined);
                }}
              >
                <span className="ref-name">
                  {name}
                  {choice?.note && <span className="quiet"> {choice.note}</span>}
                </span>
                <ActionIcon
                  {...quiet}
                  data-act="up"
                  aria-label={`Move ${name} up`}
                  disabled={disabled || at === 0}
                  onClick={() => move(at, at - 1, 'up')}
                >
                  <IconArrowUp size={13} />
                </ActionIcon>
                <ActionIcon
                  {...quiet}
                  data-act="down"
                  aria-label={`Move ${name} down`}
                  disabled={disabled || at === ids.length - 1}
                  onClick={() => move(at, at + 1, 'down')}
                >
                  <IconArrowDown size={13} />
                </ActionIcon>
                <ActionIcon
                  {...quiet}
                  data-act="remove"
                  aria-label={`Remove ${name}`}
                  disabled={disabled}
                  onClick={() => remove(at)}
                >
                  <IconX size={13} />
                </ActionIcon>
              </li>
            );
          })}
        </ol>
      )}
      <Select
        id={id}
        aria-describedby={describedBy}
        error={wrong}
        disabled={disabled || free.length === 0}
        searchable
        placeholder={addWords(choices.length, free.length, meta.label.toLowerCase())}
        nothingFoundMessage="None of that name"
        value={null}
        data={free.map(choice => ({
          value: String(choice.id),
          label: choice.blocked ? `${choice.label} (${choice.blocked})` : choice.label,
          disabled: choice.blocked !== undefined,
        }))}
        onChange={text => text && onChange([...ids, Number(text)])}
      />
      {more}
    </div>
  );
}

const quiet = { size: 'sm', variant: 'subtle', color: 'gray' } as const;

function addWords(all: number, free: number, what: string): string {
  if (all === 0) return `There are no ${what} yet`;
  return free === 0 ? `All ${what} are in the list` : 'Add…';
}
