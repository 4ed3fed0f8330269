buckets = [
  { name = "one-7x", versioned = true },
  { name = "two-7x", versioned = false, tags = { A = "b" } },
  { name = "three-7x" },
]
