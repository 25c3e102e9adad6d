import { describe, expect, it } from 'vitest';
import { JudgementBoard, type JudgementState, type UnitState } from './judgement-board.ts';

const unit = (wish: Partial<UnitState> = {}): UnitState => ({
  unit: 'cpu',
  result: '01',
  at: 5,
  mean: 1,
  passes: true,
  since: 1,
  weight: 1,
  required: false,
  fault: undefined,
  ...wish,
});
const state = (wish: Partial<JudgementState> = {}): JudgementState => ({
  name: 'health',
  uid: 'u',
  generation: 1,
  origin: 'cluster',
  verdict: 'Ready',
  since: 1,
  z: 1,
  units: [unit()],
  flaw: undefined,
  ...wish,
});

describe('the board', () => {
  it('tells of what is otherwise than before, and of nothing else', () => {
    const board = new JudgementBoard();
    const news: string[] = [];
    const unlisten = board.listen((one) => news.push(Object.values(one).join(' ')));
    board.put(state());
    board.put(state({ z: 0.9, units: [unit({ at: 6, mean: 2 })] }));
    board.put(state({ units: [unit({ passes: false, result: '02' })] }));
    board.put(state({ verdict: 'Blocked', units: [unit({ passes: false })] }));
    board.remove('health');
    board.remove('health');
    unlisten();
    board.put(state());
    expect(news).toEqual(['verdict health', 'unit health cpu', 'verdict health', 'gone health']);
  });

  it('lists what stands on it by name', () => {
    const board = new JudgementBoard();
    for (const name of ['b', 'a']) board.put(state({ name }));
    expect(board.list().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(board.get('a')?.verdict).toBe('Ready');
    expect(board.get('c')).toBeUndefined();
  });
});
