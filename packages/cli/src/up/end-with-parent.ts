/** Ends this process as SIGTERM would when the one that started it is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref(); // to hear of it is no reason to live
