/**
 * Runs SQL with DuckDB, under Node: standard input is an array of scripts, which see what earlier ones
 * made. Standard output is an array of what they give: rows as objects; numbers beyond doubles and
 * moments as text.
 */

import { DuckDBInstance } from "@duckdb/node-api";
import { text } from "node:stream/consumers";
import process from "node:process";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const results = [];
for (const sql of JSON.parse(await text(process.stdin))) {
  results.push((await connection.runAndReadAll(sql)).getRowObjectsJson());
}
console.log(JSON.stringify(results));
