package cost

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/yamlfile"
)

// Prices are what AWS asks, in US dollars, at a day.
type Prices struct {
	AsOf    string            `yaml:"as_of"` // YYYY-MM-DD
	Sources []string          `yaml:"sources"`
	Regions map[string]Region `yaml:"regions"` // by name; "default" has all that others do not say

	// SHA256 is of the file's bytes, in hex.
	SHA256 string `yaml:"-"`
}

// Region is what is asked in a Region. What is nil is as by default.
type Region struct {
	DataEvents       *float64 `yaml:"data_events"`       // per 100,000, every copy
	ManagementCopies *float64 `yaml:"management_copies"` // per 100,000, from the second copy on
	Insights         *float64 `yaml:"insights"`          // per 100,000 analysed
	Storage          *float64 `yaml:"storage"`           // per GB and month
	Puts             *float64 `yaml:"puts"`              // per 1,000
}

// fields are a Region's prices with their names.
func (r *Region) fields() map[string]**float64 {
	return map[string]**float64{
		"data_events": &r.DataEvents, "management_copies": &r.ManagementCopies, "insights": &r.Insights, "storage": &r.Storage, "puts": &r.Puts,
	}
}

// maxPrice is more than anybody asks for anything here, and not too much to be summed up.
const maxPrice = 1e9

//go:embed prices.yaml
var builtIn []byte

// BuiltIn are the prices that come with the program.
func BuiltIn() (*Prices, error) { return ParsePrices("prices.yaml", builtIn) }

// ParsePrices reads a file of prices. name is what it is called in errors, of which all are
// told.
func ParsePrices(name string, data []byte) (*Prices, error) {
	p := new(Prices)
	file, err := yamlfile.Read(name, data, p)
	if err != nil {
		return nil, err
	}
	var wrong []error
	if _, err := time.Parse(time.DateOnly, p.AsOf); err != nil {
		wrong = append(wrong, file.Errorf("as_of", "as_of wants the day of the prices, YYYY-MM-DD"))
	}
	standard, ok := p.Regions["default"]
	if !ok {
		wrong = append(wrong, file.Errorf("regions", "regions wants an entry default, which has what others do not say"))
	}
	for _, region := range slices.Sorted(maps.Keys(p.Regions)) {
		prices := p.Regions[region]
		fields := prices.fields()
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			price := fields[key]
			switch {
			case *price == nil:
			case **price < 0:
				wrong = append(wrong, file.Errorf("regions."+region+"."+key, "%s of %s is below 0", key, region))
			case !(**price <= maxPrice): // nor is NaN
				wrong = append(wrong, file.Errorf("regions."+region+"."+key, "%s of %s is no price", key, region))
			}
		}
	}
	fields := standard.fields()
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if ok && *fields[key] == nil {
			wrong = append(wrong, file.Errorf("regions.default", "default has no %s", key))
		}
	}
	sum := sha256.Sum256(data)
	p.SHA256 = hex.EncodeToString(sum[:])
	if err := errors.Join(wrong...); err != nil {
		return nil, fmt.Errorf("prices: %w", err)
	}
	return p, nil
}

// of are the prices of a Region, all of them.
func (p *Prices) of(region string) Region {
	r, standard := p.Regions[region], p.Regions["default"]
	of, from := r.fields(), standard.fields()
	for key, price := range of {
		if *price == nil {
			*price = *from[key]
		}
	}
	return r
}
