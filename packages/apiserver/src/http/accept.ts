import { notAcceptable } from '../refusals.ts';

/** The form in which a client wants its answer. */
export interface Wanted {
  /** `Table`, `PartialObjectMetadata`, …; absent: the object as it is. */
  readonly as?: string;
  readonly group?: string;
  readonly version?: string;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** What those send who want objects as they are: nothing to take apart. */
const plainJson: readonly string[] = ['', '*/*', 'application/json', 'application/json, */*'];
const jsonRanges: readonly string[] = ['application/json', 'application/*', '*/*'];

/**
 * The first form of an `Accept` header that the server speaks, by quality, then order. Forms other
 * than JSON are left to the client's next choice; NotAcceptable when there is none.
 *
 * @param speaks whether the server can give this form
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
export function chooseForm(accept: string, speaks: (wanted: Wanted) => boolean): Wanted {
  if (plainJson.includes(accept) && speaks({})) return {};
  const ranges = (accept === '' ? '*/*' : accept).split(',').map(parseRange);
  const forms = ranges
    .toSorted((a, b) => b.quality - a.quality)
    .filter(({ type, quality }) => jsonRanges.includes(type) && quality > 0)
    .map(toWanted);
  const chosen = forms.find(speaks);
  if (!chosen) throw notAcceptable(['application/json']);
  return chosen;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const [key = '', value = ''] = part.split('=');
      return [key.trim(), value.trim()];
    }),
  );
  return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
}

function toWanted({ parameters }: MediaRange): Wanted {
  const as = parameters.get('as');
  const group = parameters.get('g');
  const version = parameters.get('v');
  return {
    ...(as === undefined ? {} : { as }),
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
  };
}
