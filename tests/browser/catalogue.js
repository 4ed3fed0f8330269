/** Things for the shelves: enough for three pages, with every state of stock and a long text. */

const NAMES = [
  ["Oak writing desk", "Solid oak, hand-oiled, two drawers with dovetail joints.", 64900, 7],
  ["Linen armchair", "Washed linen over a beech frame. Covers come off for cleaning.", 38900, 3],
  ["Brass reading lamp", "Dimmable, with a two-metre fabric cable and an inline switch.", 12950, 42],
  ["Wool throw", "Undyed Shetland wool, 130 × 180 cm.", 8900, 0],
  ["Stoneware mug", "Glazed inside, raw outside. Dishwasher-safe.", 1800, 240],
  ["Walnut serving board", "Carved from one piece; no two are alike.", 4600, 18],
  ["Cast-iron pan", "26 cm, seasoned twice, good for a lifetime.", 7400, 5],
  ["Beeswax candles", "", 950, 1200],
  ["Canvas storage basket", "Folds flat; holds 20 kg when it does not.", 3200, 31],
  ["Enamel kettle", "1.6 litres, for gas, induction and camp fires.", 5900, 12],
  ["Bookshelf, five tiers", "Powder-coated steel and ash. Comes flat with an Allen key.", 21900, 2],
  ["Desk organiser", "Keeps pens, cables and the rest of your life in order.", 2850, 66],
];

export const CATALOGUE = Array.from({ length: 25 }, (_, index) => {
  const [name, description, price_cents, quantity] = NAMES[index % NAMES.length];
  const batch = Math.floor(index / NAMES.length);
  return { name: batch === 0 ? name : `${name} no. ${batch + 1}`, description, price_cents, quantity };
}).reverse();
