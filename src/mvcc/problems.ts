/** Lists of what is wrong that cannot grow without bound. @module */

import { UnsoundError } from "../errors.ts";

/** Problems that are kept in memory; the last one then says that there were more. */
export const MAX_PROBLEMS = 10_000;

/** Adds to a list of problems that must not grow without bound. */
export function addProblem(problems: UnsoundError[], problem: UnsoundError): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem);
  else if (problems.length === MAX_PROBLEMS) {
    problems.push(new UnsoundError(problem.code, "… and more problems, which are not listed"));
  }
}
