import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type MailState, mailSettings } from '../../../../server/schema/mail.ts';
import { mailProblems } from '../../../../server/schema/problems/mail.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { useMutate } from '../../api/mutate.tsx';
import { plural } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Moment } from '../../parts/since.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { AlertPage } from './alert-page.tsx';
import { useMailState } from './queries.ts';
import './alerts.css';

const NAMES = Object.keys(mailSettings) as (keyof typeof mailSettings)[];

/** Events told by mail, many in one. */
export function EmailPage() {
  return (
    <AlertPage
      title="E-mail"
      sentence="Events are told by mail, gathered so that a server that goes up and down all night does not fill a mailbox."
      names={NAMES}
      trust="emailTrust"
      secret="emailPassword"
      problems={mailProblems}
      now={settings => (
        <>
          <Now settings={settings} />
          <Test settings={settings} />
        </>
      )}
    />
  );
}

function Now({ settings }: { settings: Settings }) {
  const state = useMailState();
  return (
    <Panel title="Mail alerts now">
      <Loaded query={state} what="How mail alerts are doing could not be read">
        {now => <Facts state={now} on={settings.emailEnabled} />}
      </Loaded>
    </Panel>
  );
}

function Facts({ state, on }: { state: MailState; on: boolean }) {
  const { error, lastSent, waiting, hasPassword } = state;
  return (
    <dl className="live-facts">
      <dt>State</dt>
      <dd>
        <Group gap={6}>
          <StateMark state={error !== '' ? 'down' : on ? 'up' : 'disabled'} />
          <span>{error !== '' ? error : on ? 'on' : 'off'}</span>
        </Group>
      </dd>
      <dt>Last mail</dt>
      <dd>{lastSent === null ? 'none yet' : <Moment time={lastSent} />}</dd>
      <dt>Waiting</dt>
      <dd>{waiting === 0 ? 'nothing' : plural(waiting, 'event')}</dd>
      <dt>Password</dt>
      <dd>{hasPassword ? 'stored' : 'not set'}</dd>
    </dl>
  );
}

function Test({ settings }: { settings: Settings }) {
  const may = useMay('administrator');
  const [to, setTo] = useState('');
  const [answer, setAnswer] = useState<{ sent: boolean; answer: string }>();
  const test = useMutate('testMail');
  const ready = may && settings.emailServer !== '';
  const send = async () => {
    setAnswer(undefined);
    setAnswer(await test.run({ body: { to } }));
  };
  return (
    <Panel title="Test">
      <div className="mail-test">
        <form
          onSubmit={event => {
            event.preventDefault();
            void send();
          }}
        >
          <Group gap="sm" align="end">
            <TextInput
              label="Send a test mail to"
              type="email"
              value={to}
              onChange={event => setTo(event.currentTarget.value)}
              disabled={!ready}
              w={280}
            />
            <Button type="submit" variant="default" loading={test.busy} disabled={!ready || to === ''}>
              Send test mail
            </Button>
          </Group>
        </form>
        <p role="status" className={answer ? undefined : 'quiet'}>
          {answer ? (
            <>
              <StateMark state={answer.sent ? 'up' : 'down'} /> The server {answer.sent ? 'took it' : 'did not take it'}
              : {answer.answer}
            </>
          ) : ready ? (
            'By the settings as they are stored.'
          ) : (
            'Needs a mail server that is stored.'
          )}
        </p>
      </div>
    </Panel>
  );
}
