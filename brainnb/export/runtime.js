// name: toInt
function toInt(x) { return x !== x ? 0 : x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : x | 0; }
// name: toUint
function toUint(x) { return x !== x || x <= 0 ? 0 : x >= 4294967295 ? 4294967295 : x >>> 0; }
// name: roundEven
function roundEven(x) {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 ? low : rest > 0.5 ? low + 1 : low % 2 === 0 ? low : low + 1;
}
// name: roundAway
function roundAway(x) { return Math.sign(x) * Math.floor(Math.abs(x) + 0.5); }
// name: countBits
function countBits(x) {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
// name: ordered
// The places of the elements of every row, n of them, by one key after another: equal ones stay as they are, NaN comes last.
function ordered(places, n, ...keys) {
  const order = (a, b) => {
    for (const key of keys) {
      const x = key[a], y = key[b];
      if (x < y || (y !== y && x === x)) return -1;
      if (x > y || (x !== x && y === y)) return 1;
    }
    return 0;
  };
  for (let k = 0; k < places.length; k++) places[k] = k;
  for (let k = 0; k < places.length; k += n) places.subarray(k, k + n).sort(order);
}
// name: fromBits
// The double whose bits are these two words.
const bitsOfDouble = new Uint32Array(2), doubleOfBits = new Float64Array(bitsOfDouble.buffer);
function fromBits(high, low) { bitsOfDouble[0] = low; bitsOfDouble[1] = high; return doubleOfBits[0]; }
// name: singleFromBits
const bitsOfSingle = new Uint32Array(1), singleOfBits = new Float32Array(bitsOfSingle.buffer);
function singleFromBits(word) { bitsOfSingle[0] = word; return singleOfBits[0]; }
// name: threefry
// Threefry-2x32 with 20 rounds (Salmon et al. 2011): two random words of a key and a counter.
function threefry(k0, k1, x0, x1) {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  x0 = (x0 + k0) | 0; x1 = (x1 + k1) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k1) | 0; x1 = (x1 + k2 + 1) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k2) | 0; x1 = (x1 + k0 + 2) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k0) | 0; x1 = (x1 + k1 + 3) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k1) | 0; x1 = (x1 + k2 + 4) | 0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0; x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  threefry.second = (x1 + k0 + 5) >>> 0;
  return (x0 + k2) >>> 0;
}
// name: polynomial
function polynomial(coefficients, x) {
  let sum = coefficients[0];
  for (let k = 1; k < coefficients.length; k++) sum = sum * x + coefficients[k];
  return sum;
}
// name: erfInverse
// Giles 2010, "Approximating the erfinv function", in double precision: what XLA computes.
const ERF_INVERSE = [
  [-3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18, 1.115787767802518096e-17, -1.333171662854620906e-16, 2.0972767875968561637e-17, 6.6376381343583238325e-15, -4.0545662729752068639e-14, -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11, -5.4154120542946279317e-11, 1.051212273321532285e-09, -4.1126339803469836976e-09, -2.9070369957882005086e-08, 4.2347877827932403518e-07, -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352, -0.00074070253416626697512, -0.0060336708714301490533, 0.24015818242558961693, 1.6536545626831027356],
  [2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07, 1.8239629214389227755e-08, 1.5027403968909827627e-06, -4.013867526981545969e-06, 2.9234449089955446044e-06, 1.2475304481671778723e-05, -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05, -0.0003550375203628474796, 0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066, -0.0037512085075692412107, 0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635],
  [-2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09, -3.7894654401267369937e-09, 7.6157012080783393804e-09, -1.4960026627149240478e-08, 2.9147953450901080826e-08, -6.7711997758452339498e-08, 2.2900482228026654717e-07, -9.9298272942317002539e-07, 4.5260625972231537039e-06, -1.9681778105531670567e-05, 7.5995277030017761139e-05, -0.00021503011930044477347, -0.00013871931833623122026, 1.0103004648645343977, 4.8499064014085844221],
];
function erfInverse(x) {
  if (Math.abs(x) === 1) return x * Infinity;
  const w = -Math.log1p(-x * x);
  if (w < 6.25) return polynomial(ERF_INVERSE[0], w - 3.125) * x;
  return (w < 16 ? polynomial(ERF_INVERSE[1], Math.sqrt(w) - 3.25) : polynomial(ERF_INVERSE[2], Math.sqrt(w) - 5)) * x;
}
// name: erfc
// Rational approximations of the Cephes library (Moshier 1989), relative error below 1e-15.
const ERF = {
  P: [2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687, 4.86371970985681366614e1, 1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3, 5.57535335369399327526e2],
  Q: [1, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2, 1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2],
  R: [5.64189583547755073984e-1, 1.27536670759978104416, 5.01905042251180477414, 6.16021097993053585195, 7.40974269950448939160, 2.97886665372100240670],
  S: [1, 2.26052863220117276590, 9.39603524938001434673, 1.20489539808096656605e1, 1.70814450747565897222e1, 9.60896809063285878198, 3.36907645100081516050],
  T: [9.60497373987051638749, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3, 5.55923013010394962768e4],
  U: [1, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4, 4.92673942608635921086e4],
};
function erfc(x) {
  const a = Math.abs(x);
  if (a < 1) return 1 - erf(x);
  const size = Math.exp(-a * a) * (a < 8 ? polynomial(ERF.P, a) / polynomial(ERF.Q, a) : polynomial(ERF.R, a) / polynomial(ERF.S, a));
  return x < 0 ? 2 - size : size;
}
// name: erf
function erf(x) {
  if (Math.abs(x) > 1) return 1 - erfc(x);
  const z = x * x;
  return (x * polynomial(ERF.T, z)) / polynomial(ERF.U, z);
}
// name: lanczos
// Lanczos' approximation with g = 7 and nine coefficients: what XLA computes.
const LANCZOS = [676.520368121885098567009190444019, -1259.13921672240287047156078755283, 771.3234287776530788486528258894, -176.61502916214059906584551354, 12.507343278686904814458936853, -0.13857109526572011689554707, 9.984369578019570859563e-6, 1.50563273514931155834e-7];
function lanczos(z) {
  let x = 0.99999999999980993227684700473478;
  for (let k = 0; k < LANCZOS.length; k++) x += LANCZOS[k] / (z + k + 1);
  return x;
}
// name: logGamma
function logGamma(x) {
  if (x < 0.5) {
    const part = Math.abs(x) - Math.floor(Math.abs(x));
    const sine = Math.log(Math.sin(Math.PI * (part > 0.5 ? 1 - part : part)));
    if (x === -Infinity) return Infinity;
    return Number.isFinite(sine) ? 1.1447298858494001741434 - sine - logGamma(1 - x) : -sine;
  }
  const z = x - 1, t = z + 7.5, logT = 2.01490302054226477856 + Math.log1p(z / 7.5);
  return (z + 0.5 - t / logT) * logT + 0.91893853320467274178 + Math.log(lanczos(z));
}
// name: digamma
function digamma(x) {
  if (x < 0.5) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  const z = x - 1;
  let slope = 0;
  for (let k = 0; k < LANCZOS.length; k++) slope -= LANCZOS[k] / ((z + k + 1) * (z + k + 1));
  return 2.01490302054226477856 + Math.log1p(z / 7.5) + slope / lanczos(z) - 7 / (z + 7.5);
}
// name: decode
// A typed array from its bytes in base 64, little end first.
function decode(text, Type) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  return new Type(bytes.buffer);
}
// name: unpack
// Whole numbers below `most`, kept as steps from one to the next, round and round, seven bits a byte.
function unpack(text, count, most, Kind) {
  const bytes = decode(text, Uint8Array), found = new Kind(count);
  for (let k = 0, at = 0, x = 0; k < count; k++) {
    let step = 0, scale = 1, byte;
    do { byte = bytes[at++]; step += (byte & 127) * scale; scale *= 128; } while (byte > 127);
    x += step;
    found[k] = x = x < most ? x : x - most;
  }
  return found;
}
// name: phi
// (exp(z) - 1) / z: how far something comes that relaxes, as a part of its first slope. Near 0 by its series.
function phi(z) {
  z = Math.min(z, 60);
  if (Math.abs(z) >= 0.04) return (Math.exp(z) - 1) / z;
  const square = z * z;
  return 1 + z / 2 + square * (1 / 6 + z * (1 / 24) + square * (1 / 120 + z * (1 / 720)));
}
// name: exprel
// z / (1 - exp(-z)), by its series near 0.
function exprel(z) {
  return Math.abs(z) < 0.02 ? 1 + z * (0.5 + z * (1 / 12 - z * z / 720)) : z / (1 - Math.exp(-z));
}
// name: mixed
// A bijection of 32 bits in which every bit of the result depends evenly on every bit of x.
function mixed(x) {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
// name: poisson
// Poisson numbers with these means, from the two words of a key. A number is how many of the tails of its distribution lie
// above a uniform one, 31 random bits; what has a mean above 3 is drawn in parts.
function poisson(out, means, first, second) {
  const n = means.length, chances = new Float64Array(16);
  let most = 0, mean = NaN, total = 0;
  for (let k = 0; k < n; k++) most = Math.max(most, means[k]);
  const parts = Math.max(Math.ceil(most / 3), 1);
  for (let i = 0; i < n; i++) {
    const share = means[i] / parts;
    if (share !== mean) {
      mean = share;
      total = 0;
      for (let k = 0, chance = 2147483648; k < 16; k++) {
        chance = Math.floor(chance * (mean * (1 / (k + 1))));
        chances[k] = chance;
        total += chance;
      }
    }
    out[i] = 0;
    for (let part = 0; part < parts; part++) {
      const bits = mixed(mixed(Math.imul(part * n + i, 0x9e3779b9) + first) ^ second) >>> 1;
      const place = (bits + 0.5) * 4.656612873077393e-10 * (total + 2147483648);
      let tail = total, k = 0;
      while (k < 16 && place < tail) tail -= chances[k++];
      out[i] += k;
    }
  }
}
