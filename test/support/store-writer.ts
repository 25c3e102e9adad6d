/*
 * Writes objects into the store in argv[2] until it is killed. Each of its writers changes one object, over
 * and over; argv[3] is a JSON list of how far each had come. On standard output, one line each:
 *
 *   held NUMBER VALUE       what the store held of an object when it was opened; not there: no line
 *   happened REVISION       an event in the history when it was opened
 *   done NUMBER VALUE REVISION   a change that the store has acknowledged; every fifth is a deletion
 */
import { writeSync } from 'node:fs';
import {
  openObjectStore,
  type Decision,
  type ObjectStore,
} from '@skerry/apiserver/storage/object-store';

const deletionEvery = 5;
const resource = 'configmaps';
const [, , directory = '', reached = '[]'] = process.argv;
const store = await openObjectStore({ directory, now: () => Date.now() });
tellState(store);
const starts = JSON.parse(reached) as number[];
await Promise.all(starts.map((start, number) => write(number, start)));

function tellState(opened: ObjectStore): void {
  const held = opened.list(resource).map((one) => {
    const { data } = one.parse() as unknown as { data: { value: string } };
    return `held ${one.name} ${data.value}\n`;
  });
  const history = opened.log(resource);
  const events = history.after(history.floor).map((event) => `happened ${event.held.revision}\n`);
  writeSync(1, [...held, ...events, 'open\n'].join(''));
}

async function write(number: number, start: number): Promise<void> {
  for (let value = start + 1; ; value++) {
    const name = String(number);
    const changed = await store.change({ resource, namespace: 'default', name }, () =>
      decide(name, value),
    );
    writeSync(1, `done ${number} ${value} ${changed?.revision ?? 0}\n`);
  }
}

function decide(name: string, value: number): Decision {
  const object = {
    ...{ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'default' } },
    data: { value: String(value) },
  };
  return { do: value % deletionEvery === 0 ? 'remove' : 'put', object };
}
