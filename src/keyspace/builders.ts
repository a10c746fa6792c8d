/**
 * The keys of rows as the store has them, for `get` and `history` of a snapshot. Names are raw bytes.
 *
 * @module
 */

export { itemKey, legacyPayload, orderedPayload, tableKey } from "./dynamodb_keys.ts";
export { orderedNumber } from "./ordered_number.ts";
export { redisKey } from "./redis_keys.ts";
export { bucketKey, chunkKey, objectKey, partKey, uploadKey } from "./s3_keys.ts";
export { sqsKey } from "./sqs_keys.ts";
