// Package stats turns series of daily numbers into verdicts: how unlikely today's number
// is ([Baseline]), which of many unlikely ones to believe ([Simes], [BH]), whether a level
// rises slowly ([Rise]), whether a mix of operations is another one ([Mix]), how surprising
// something new is ([Novelty]), whether more different keys are read than ever ([Breadth]).
//
// It is arithmetic only: no lake, no clock, no randomness. Equal numbers give equal
// verdicts, to the last bit.
package stats
