import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';

/** kubectl said no: `code` is its exit code, the message its standard error. */
export class KubectlFailed extends Error {
  readonly code: number;

  constructor(words: readonly string[], code: number, said: string) {
    super(`kubectl ${words.join(' ')} (exit ${code}): ${said.trim()}`);
    this.code = code;
  }
}

/** The real kubectl with one kubeconfig, and nothing of the machine's own configuration. */
export class Kubectl {
  readonly kubeconfig: string;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
  }

  /** Runs it; resolves with standard output, throws KubectlFailed. `input` is its standard input. */
  async run(words: readonly string[], input = ''): Promise<string> {
    const child = spawn('kubectl', words, {
      env: { ...process.env, KUBECONFIG: this.kubeconfig, HOME: '/nonexistent' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const [said, complained]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complained.push(chunk));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw new KubectlFailed(words, code ?? -1, Buffer.concat(complained).toString('utf8'));
    return Buffer.concat(said).toString('utf8');
  }

  /** `kubectl apply -f -` of YAML, or of objects as JSON. */
  apply(manifest: string | object | readonly object[]): Promise<string> {
    const items = [manifest].flat().map((one) => (typeof one === 'string' ? one : json(one)));
    // begun as YAML, which JSON is too: a stream that begins with a brace may not hold separators
    return this.run(['apply', '-f', '-'], ['', ...items].join('\n---\n'));
  }

  /** What `kubectl WORDS -o json` prints, for example of `get pod hello`. */
  async json<T>(...words: readonly string[]): Promise<T> {
    return JSON.parse(await this.run([...words, '-o', 'json'])) as T;
  }

  /** Gets until `enough` of the object; resolves with it. A missing object is waited for, too. */
  waitFor<T>(
    words: readonly string[],
    enough: (object: T) => boolean,
    limitMs?: number,
  ): Promise<T> {
    const probe = async (): Promise<T | undefined> => {
      const object = await this.json<T>('get', ...words);
      if (enough(object)) return object;
      throw new Error(`it is ${json(object)}`);
    };
    return eventually(`the awaited state of ${words.join(' ')}`, probe, limitMs);
  }

  /** Resolves when the API server says that there is no such object. */
  async waitUntilGone(words: readonly string[], limitMs?: number): Promise<void> {
    const probe = async (): Promise<boolean> =>
      (await this.run(['get', ...words, '--ignore-not-found', '-o', 'name'])) === '';
    await eventually(`the end of ${words.join(' ')}`, probe, limitMs);
  }
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
