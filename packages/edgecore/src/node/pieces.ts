/** Something of the machine that a container can have for itself: an extended resource. */
export interface Piece {
  /** `vendor.com/name`. */
  readonly resource: string;
  /** Pieces of this resource that are the same to a container: more than one only without files. */
  readonly count: number;
  /** Device files that the container gets; the first, if any, tells this piece from others. */
  readonly paths: readonly string[];
}

/** What the configuration declares; its form has been checked. Files that are not there are not offered. */
export function declaredPieces(
  entries: readonly string[],
  exists: (path: string) => boolean,
): Piece[] {
  return entries
    .map((entry): Piece => {
      const [resource = '', what = ''] = entry.split('=');
      return what.startsWith('/')
        ? { resource, count: 1, paths: what.split('+') }
        : { resource, count: Number(what), paths: [] };
    })
    .filter(({ paths }) => paths.every(exists));
}

/** Which device files each container of a pod was given, by container and by a piece's first file. */
export type GivenPieces = Readonly<Record<string, readonly string[]>>;

/** Pieces that a container asks for. */
export interface PieceWish {
  readonly container: string;
  readonly resource: string;
  readonly count: number;
}

/**
 * Pure: gives each container the first free pieces with files of what it asks for. That there are enough
 * was decided before; pieces without files are only counted, and not given here.
 */
export function givePieces(
  wishes: readonly PieceWish[],
  pieces: readonly Piece[],
  taken: readonly GivenPieces[],
): GivenPieces {
  const used = new Set(taken.flatMap((given) => Object.values(given).flat()));
  const given: Record<string, string[]> = {};
  for (const { container, resource, count } of wishes) {
    const free = pieces
      .filter((piece) => piece.resource === resource)
      .map(({ paths: [first] }) => first)
      .filter((first) => first !== undefined && !used.has(first)) as string[];
    for (const first of free.slice(0, count)) {
      used.add(first);
      (given[container] ??= []).push(first);
    }
  }
  return given;
}

/** The device files of given pieces, each once; of a piece that is gone, only its name is left. */
export function pathsOf(firsts: readonly string[], pieces: readonly Piece[]): string[] {
  const all = firsts.flatMap(
    (first) => pieces.find(({ paths }) => paths[0] === first)?.paths ?? [first],
  );
  return [...new Set(all)];
}
