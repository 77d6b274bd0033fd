/**
 * The classes whose objects may arrive in any thread: the main thread passes
 * them on even if the program uses none of them there.
 *
 * @module
 */

import "./barrier.ts";
import "./condition.ts";
import "./event.ts";
import "./local.ts";
import "./semaphore.ts";
import "./thread.ts";
