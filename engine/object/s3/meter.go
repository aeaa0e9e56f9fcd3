package s3

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keytrail/keytrail/engine/object"
)

// metered counts where all requests pass: those of the SDK, each of its attempts, and
// our own.
type metered struct {
	s3.HTTPClient
	meter *object.Meter
}

func (m *metered) Do(r *http.Request) (*http.Response, error) {
	m.meter.Asked()
	answer, err := m.HTTPClient.Do(r)
	if err == nil {
		answer.Body = m.meter.Body(answer.Body)
	}
	return answer, err
}
