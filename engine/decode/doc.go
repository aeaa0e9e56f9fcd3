// Package decode turns one log object into touches, in one pass.
//
// [Decoder.Decode] finds the records in whatever carries them: a trail's
// {"Records": [...]}, JSON lines, EventBridge or CloudWatch Logs envelopes. Each
// record is laid out once as a flat [tape] of tokens; all that follows reads the
// tape, save for the values that records keep repeating, which are remembered
// (see [memo]). A few members of the record decide whether it is about DynamoDB at
// all; most are not and end there. The others are taken apart by family (items,
// batches, PartiQL, control plane, related services) into one touch for each
// table and item reached, and handed to the [Sink].
//
// In the steady state nothing is allocated: texts are views into the object, and
// the few that must be made (unescaped strings, canonical JSON, keys) go to an
// arena that is reset with each record. That is why a touch is valid only while
// the sink is called.
//
// A record that makes no sense is quarantined and costs nobody else anything. An
// object that is not JSON to its end is refused as a whole.
package decode
