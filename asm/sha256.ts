/** SHA-256 (FIPS 180-4) of many texts: four at a time, one in each lane of a vector. */

// deno-fmt-ignore
const K: usize = memory.data<u32>([
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
  0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
  0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
  0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
  0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
  0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
  0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
  0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]);
// deno-fmt-ignore
const START: usize = memory.data<u32>([
  0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
  0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
]);

const LANES: u32 = 4;
const BLOCK: usize = 64;
/** The state: eight words of four lanes. */
const STATE: usize = memory.data(8 * 16, 16);
/** The schedule: 64 words of four lanes. */
const SCHEDULE: usize = memory.data(64 * 16, 16);
/** The last block or two of each lane, with the padding. */
const TAILS: usize = memory.data(4 * 128, 16);
/** For each lane: where its text begins, its blocks without padding, and all its blocks. */
const TEXTS: usize = memory.data(4 * 12, 16);

/**
 * Writes the digests, 32 bytes each, of `count` texts. Where a text starts and ends in `bytes` stands in
 * two u32 at `ranges`; those of the next one are `stride` bytes behind.
 */
export function sha256(
  bytes: usize,
  ranges: usize,
  stride: usize,
  count: u32,
  digests: usize,
): void {
  for (let first: u32 = 0; first < count; first += LANES) {
    const lanes = min(count - first, LANES);
    let blocks: usize = 0;
    for (let lane: u32 = 0; lane < LANES; lane++) {
      const range = ranges + stride * (first + min(lane, lanes - 1));
      const own = begin(lane, bytes + load<u32>(range), bytes + load<u32>(range, 4));
      blocks = max(blocks, own);
    }
    for (let word: usize = 0; word < 8; word++) {
      v128.store(STATE + 16 * word, v128.load32_splat(START + 4 * word));
    }
    for (let block: usize = 0; block < blocks; block++) addBlock(block);
    for (let lane: u32 = 0; lane < lanes; lane++) {
      for (let word: usize = 0; word < 8; word++) {
        store<u32>(digests + 4 * word, bswap<u32>(load<u32>(STATE + 16 * word + 4 * lane)));
      }
      digests += 32;
    }
  }
}

/** Begins a text in a lane; how many blocks it has. */
function begin(lane: u32, at: usize, end: usize): usize {
  const length = end - at;
  const whole = length / BLOCK;
  const rest = length % BLOCK;
  const tail = TAILS + 128 * lane;
  memory.fill(tail, 0, 128);
  memory.copy(tail, end - rest, rest);
  store<u8>(tail + rest, 0x80);
  const tailBlocks: usize = rest < 56 ? 1 : 2;
  store<u64>(tail + BLOCK * tailBlocks - 8, bswap<u64>((<u64> length) << 3));
  const text = TEXTS + 12 * lane;
  store<u32>(text, at);
  store<u32>(text, whole, 4);
  store<u32>(text, whole + tailBlocks, 8);
  return whole + tailBlocks;
}

/** Where a block of a lane is. Behind the last one, anything that can be read will do. */
function blockOf(lane: usize, block: usize): usize {
  const text = TEXTS + 12 * lane;
  const whole: usize = load<u32>(text, 4);
  return block < whole
    ? load<u32>(text) + BLOCK * block
    : TAILS + 128 * lane + BLOCK * min<usize>(block - whole, 1);
}

/** All bits of the lanes that have such a block. */
function maskOf(block: usize): v128 {
  return i32x4.gt_u(
    i32x4(
      load<u32>(TEXTS, 8),
      load<u32>(TEXTS, 20),
      load<u32>(TEXTS, 32),
      load<u32>(TEXTS, 44),
    ),
    i32x4.splat(block),
  );
}

function addBlock(block: usize): void {
  readBlocks(blockOf(0, block), blockOf(1, block), blockOf(2, block), blockOf(3, block));
  for (let word = SCHEDULE + 16 * 16; word < SCHEDULE + 16 * 64; word += 16) {
    const x = v128.load(word - 16 * 15);
    const y = v128.load(word - 16 * 2);
    const s0 = v128.xor(v128.xor(rotated(x, 7), rotated(x, 18)), i32x4.shr_u(x, 3));
    const s1 = v128.xor(v128.xor(rotated(y, 17), rotated(y, 19)), i32x4.shr_u(y, 10));
    const sum = i32x4.add(v128.load(word - 16 * 16), v128.load(word - 16 * 7));
    v128.store(word, i32x4.add(sum, i32x4.add(s0, s1)));
  }

  let a = v128.load(STATE);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64);
  let f = v128.load(STATE, 80);
  let g = v128.load(STATE, 96);
  let h = v128.load(STATE, 112);
  for (let t: usize = 0; t < 64; t++) {
    const s1 = v128.xor(v128.xor(rotated(e, 6), rotated(e, 11)), rotated(e, 25));
    const choice = v128.bitselect(f, g, e);
    const word = i32x4.add(v128.load32_splat(K + 4 * t), v128.load(SCHEDULE + 16 * t));
    const x = i32x4.add(i32x4.add(h, s1), i32x4.add(choice, word));
    const s0 = v128.xor(v128.xor(rotated(a, 2), rotated(a, 13)), rotated(a, 22));
    const majority = v128.bitselect(c, a, v128.xor(a, b));
    h = g;
    g = f;
    f = e;
    e = i32x4.add(d, x);
    d = c;
    c = b;
    b = a;
    a = i32x4.add(x, i32x4.add(s0, majority));
  }

  const mask = maskOf(block);
  addTo(STATE, a, mask);
  addTo(STATE + 16, b, mask);
  addTo(STATE + 32, c, mask);
  addTo(STATE + 48, d, mask);
  addTo(STATE + 64, e, mask);
  addTo(STATE + 80, f, mask);
  addTo(STATE + 96, g, mask);
  addTo(STATE + 112, h, mask);
}

function addTo(word: usize, value: v128, mask: v128): void {
  v128.store(word, i32x4.add(v128.load(word), v128.and(value, mask)));
}

function rotated(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by));
}

/** Brings the first sixteen words of four blocks into lanes. */
function readBlocks(p0: usize, p1: usize, p2: usize, p3: usize): void {
  for (let at: usize = 0; at < BLOCK; at += 16) {
    const r0 = bigEndian(v128.load(p0 + at));
    const r1 = bigEndian(v128.load(p1 + at));
    const r2 = bigEndian(v128.load(p2 + at));
    const r3 = bigEndian(v128.load(p3 + at));
    const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
    const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
    const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
    const to = SCHEDULE + 4 * at;
    v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(to, i64x2.shuffle(low01, low23, 1, 3), 16);
    v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 32);
    v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 48);
  }
}

function bigEndian(words: v128): v128 {
  return i8x16.swizzle(words, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
