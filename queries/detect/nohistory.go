package detect

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// NoHistory is the History of a lake whose first day is judged.
type NoHistory struct{}

func (NoHistory) Days(int) int                                          { return 0 }
func (NoHistory) LastSeen(Family, string, string, string) (int32, bool) { return 0, false }
func (NoHistory) FirstDay(string) (int32, bool)                         { return 0, false }
func (NoHistory) Settings(func(*schema.Touch))                          {}

// Touched and Distinct know of no day.
func (NoHistory) Touched(n int, _, _, _, _ string) []int64 { return slices.Repeat([]int64{-1}, n) }
func (NoHistory) Distinct(n int, _, _, _ string) []int64   { return slices.Repeat([]int64{-1}, n) }
