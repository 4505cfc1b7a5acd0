import type { Kind, ObjectOf } from '../../schema/config.ts';
import { type PlainKind, plainKinds } from '../../schema/crud.ts';
import { fill, listOf, view } from '../../schema/derive.ts';
import type { EndpointName } from '../../schema/endpoints.ts';
import { Fault } from '../../schema/faults.ts';
import { usersOf } from '../../schema/users-of.ts';
import { titleIn } from '../../schema/words.ts';
import { type Call, type Handler, need, readTree, write } from '../call.ts';
import { readAuthority } from '../certificates/authority.ts';
import { checkCipherSet } from '../certificates/cipher-set.ts';

type PlainCalls = {
  [K in PlainKind]:
    | `list${(typeof plainKinds)[K]['many']}`
    | `${'get' | 'create' | 'patch' | 'delete'}${(typeof plainKinds)[K]['one']}`;
}[PlainKind] &
  EndpointName;

/** Handlers of every plain kind's five calls. */
export const plainHandlers = Object.assign({}, ...(Object.keys(plainKinds) as PlainKind[]).map(handlersOf)) as Record<
  PlainCalls,
  Handler
>;

function handlersOf(kind: PlainKind): Record<string, Handler> {
  const { one, many } = plainKinds[kind];
  const seen = (value: ObjectOf[PlainKind]) => view(kind, value);
  return {
    [`list${many}`]: call => listOf(readTree(call), kind).map(seen),
    [`get${one}`]: call => seen(need(readTree(call), kind, call.id)),
    [`create${one}`]: call => create(call, kind),
    [`patch${one}`]: async call => {
      const patched = { ...need(readTree(call), kind, call.id), ...call.body } as ObjectOf[Kind];
      // Only what the caller named: somebody else may change the rest meanwhile.
      const read = (await readers[kind]?.(patched as never)) as object | undefined;
      const body = Object.fromEntries(
        Object.keys(call.body).map(name => [name, { ...call.body, ...read }[name as never]]),
      );
      return write(
        call,
        config => [
          { op: 'replace', kind, id: call.id, value: { ...need(config, kind, call.id), ...body } as ObjectOf[Kind] },
        ],
        config => seen(need(config, kind, call.id)),
      );
    },
    [`delete${one}`]: call =>
      write(
        call,
        config => {
          refuseUsed(config, kind, call.id);
          return [{ op: 'delete', kind, id: call.id }];
        },
        () => undefined,
      ),
  };
}

/** What is more than its shape says is read before it is stored: throws when it cannot be. */
const readers: { [K in PlainKind]?: (object: ObjectOf[K]) => ObjectOf[K] | Promise<ObjectOf[K]> } = {
  authority: readAuthority,
  cipherSet: async set => {
    await checkCipherSet(set);
    return set;
  },
};

async function create(call: Call, kind: PlainKind) {
  const whole = fill(kind, { ...call.body, id: 0 });
  const read = (await readers[kind]?.(whole as never)) ?? whole;
  let made = 0;
  return write(
    call,
    (_config, reserve) => {
      const [id = 0] = reserve(kind, 1);
      made = id;
      return [{ op: 'create', kind, value: { ...read, id } as ObjectOf[Kind] }];
    },
    config => view(kind, need(config, kind, made)),
  );
}

/** Throws IN_USE when an object is named by another. */
function refuseUsed(config: ReturnType<typeof readTree>, kind: Kind, id: number): void {
  const object = need(config, kind, id);
  const users = usersOf(config, kind, id);
  if (users.length === 0) return;
  const by = users
    .slice(0, 5)
    .map(user => (user.kind === 'settings' ? 'the settings' : titleIn(user.kind, user.object, config)));
  throw new Fault('IN_USE', {
    name: (object as { name?: string }).name ?? `Number ${id}`,
    by: `${by.join(', ')}${users.length > 5 ? ` and ${users.length - 5} more` : ''}`,
  });
}
