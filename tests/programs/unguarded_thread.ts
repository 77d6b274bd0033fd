// A program without the line that a thread needs: it starts itself again.

import { thread } from "../../mod.ts";

export function worker(): void {}

await thread.start_joinable_thread(worker).join();
