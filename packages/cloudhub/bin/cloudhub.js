#!/usr/bin/env node
import { startLean } from '../dist/lean-start.js';

startLean(); // before the rest is loaded
await import('../dist/main.js');
