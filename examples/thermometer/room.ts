/** A room, its thermostat and the weather. Temperatures in °C. */
export interface Room {
  readonly temperature: number;
  /** What the thermostat is set to. */
  readonly setpoint: number;
  readonly outside: number;
}

/** How much of the difference to the outside a room loses in a second. */
const lossPerSecond = 0.002;
/** How much of the difference to the setpoint the thermostat makes up for in a second. */
const gainPerSecond = 0.12;
/** The most that heater or cooler can do, °C in a second. */
const strongest = 0.8;

/**
 * The room some seconds later. The thermostat heats or cools towards the setpoint as hard as it can, and
 * more gently as it comes near; `noise` is a random number in [-1, 1].
 */
export function step(room: Room, seconds: number, noise: number): Room {
  const { temperature, setpoint, outside } = room;
  const lost = (outside - temperature) * lossPerSecond;
  const wanted = (setpoint - temperature) * gainPerSecond - lost;
  const driven = Math.max(-strongest, Math.min(strongest, wanted));
  return { ...room, temperature: temperature + (driven + lost) * seconds + noise * 0.05 };
}

/** What the thermometer says of the room: its readings to a tenth of a degree, and the time in ms. */
export function reading(room: Room, now: number): string {
  const temperature = Math.round(room.temperature * 10) / 10;
  return JSON.stringify({ temperature, setpoint: room.setpoint, ts: now });
}

/** The room with the thermostat as a message on the set topic wants it; undefined for nonsense. */
export function set(room: Room, message: string): Room | undefined {
  try {
    const { setpoint } = JSON.parse(message) as { setpoint?: unknown };
    if (typeof setpoint !== 'number' || setpoint < -50 || setpoint > 100) return undefined;
    return { ...room, setpoint };
  } catch {
    return undefined;
  }
}
