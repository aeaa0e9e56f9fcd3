package decode

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/keytrail/keytrail/schema"
)

// whoSaid has what the touches with a number said of who acted.
var whoSaid sync.Map

// CheckWho panics when a touch says another thing of who acted than an earlier one
// with the same number. Every touch that a test keeps comes by here.
func CheckWho(t *schema.Touch) {
	if t.WhoNumber == 0 {
		return
	}
	var says []any
	for _, col := range schema.Columns[schema.WhoFrom:schema.WhoTo] {
		switch {
		case col.Name == "access_key_id":
		case col.Text != nil:
			says = append(says, strings.Clone(*col.Text(t)))
		default:
			says = append(says, *col.Tri(t))
		}
	}
	if before, known := whoSaid.LoadOrStore(t.WhoNumber, says); known && !reflect.DeepEqual(before, says) {
		panic(fmt.Sprintf("caller %d is %v and %v", t.WhoNumber, before, says))
	}
}
