package sample

// Keys of the sample's tables, one function per key design. Each appends a
// partition key to pk and, where the table has one, a sort key to sk.

// victim is the customer whose record the incident is about. Ordinary traffic
// never draws it, so that its history is exactly the one that story.go tells.
const victim = 1042

var warehouses = []string{"AMS1", "BER2", "DUB1", "LHR3", "SYD1", "WAW2"}

func customerID(r *rng) int {
	if n := 1 + r.skewed(60_000); n != victim {
		return n
	}
	return victim + 1
}

func customerKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, "customer#"...), customerID(r), 1)
	switch n := r.intn(10); {
	case n < 7:
		sk = append(sk, "profile"...)
	case n < 9:
		sk = appendPadded(append(sk, "address#"...), r.between(1, 4), 1)
	default:
		sk = append(sk, "consent"...)
	}
	return pk, sk
}

func orderKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, "customer#"...), customerID(r), 1)
	sk = append(sk, "order#2026-0"...)
	sk = appendPadded(sk, r.between(1, 3), 1)
	return pk, r.appendFrom(append(sk, '#'), base36, 8)
}

func randomKey(r *rng, pk, sk []byte) ([]byte, []byte) { return r.appendUUID(pk), sk }

func paymentKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	return r.appendFrom(append(pk, "pay_"...), base62, 24), sk
}

func stockKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, "SKU-"...), 100_000+r.skewed(8_000), 6)
	return pk, append(sk, pick(r, warehouses)...)
}

var flags = []string{"new-checkout", "søk-v2", "express-delivery", "gift-cards", "\"quoted\" name", "dark-mode", "vip-lounge", "iban-check"}

func flagKey(r *rng, pk, sk []byte) ([]byte, []byte) { return append(pk, pick(r, flags)...), sk }

func leaseKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, "shardId-0000000177"...), r.intn(24), 4)
	return append(pk, "-a1b2c3d4"...), sk
}

func clickKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, 'u'), r.skewed(400_000), 7)
	return pk, appendPadded(sk, 1_772_400_000_000+r.intn(260_000_000), 13)
}

func featureKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	pk = appendPadded(append(pk, "product#"...), r.skewed(90_000), 5)
	return pk, append(sk, pick(r, []string{"image-v3", "text-v7", "price-v1"})...)
}

var jobs = []string{"nightly-revenue", "churn-score", "gdpr-erasure", "reindex", "stock-forecast"}

func jobKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	sk = append(sk, "2026-03-0"...)
	return append(pk, pick(r, jobs)...), appendPadded(sk, r.between(2, 4), 1)
}

func numberKey(r *rng, pk, sk []byte) ([]byte, []byte) {
	return appendPadded(pk, r.between(1, 100), 1), sk
}

// key is one drawn primary key.
type key struct{ pk, sk []byte }

// draw replaces k by a key of t.
func (k *key) draw(r *rng, t *table) {
	k.pk, k.sk = t.key(r, k.pk[:0], k.sk[:0])
}

// write writes k as a key object of t, as CloudTrail logs one: plain strings.
func (k *key) write(w *text, t *table) {
	w.open('{').key(t.pk).bytes(k.pk)
	if t.sk != "" {
		w.key(t.sk).bytes(k.sk)
	}
	w.close('}')
}
