package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// How long a request is repeated. A service that answers, if only that it is
// busy, gets a minute and a half to recover: attempts, with pauses of 75 seconds
// together on average. Where nothing answers the pauses are shorter, some 20
// seconds together. Attempts that take long themselves, as on a line that drops
// everything, end with patience.
const (
	attempts      = 8 // AWS_MAX_ATTEMPTS overrides
	probeAttempts = 3 // a wrong endpoint should be told soon
	maxBackoff    = 20 * time.Second
	maxRedial     = 4 * time.Second  // pause when there was no connection
	maxDial       = 10 * time.Second // how long a connection may take to come about
	patience      = 90 * time.Second // from when on a request is not repeated

	// retryTokens is what retries of all requests together may cost at a time,
	// 5 each. The SDK's 500 are for a few requests at once, not for hundreds
	// that are told to slow down together.
	retryTokens = 10_000
)

// retryer decides about repeating requests.
type retryer struct {
	*retry.Standard
	usual    retry.BackoffDelayer
	patience time.Duration
}

// newRetryer has limits of its own on what all requests that use it cost;
// maxAttempts is the default when 0.
func newRetryer(maxAttempts int) *retryer {
	return &retryer{
		Standard: retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts = cmp.Or(maxAttempts, attempts)
			r.RateLimiter = ratelimit.NewTokenRateLimit(retryTokens)
			r.Retryables = append(slices.Clone(r.Retryables), retry.IsErrorRetryableFunc(cutOff))
		}),
		usual:    retry.NewExponentialJitterBackoff(maxBackoff),
		patience: patience,
	}
}

// RetryDelay is the pause after a failed attempt, counted from 1.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	pause, fault := r.usual.BackoffDelay(attempt, err)
	if unconnected(err) {
		pause = min(pause, maxRedial)
	}
	return pause, fault
}

// GetRetryToken says no when the request has been tried for too long.
func (r *retryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if begun, ok := ctx.Value(begunKey{}).(time.Time); ok && time.Since(begun) > r.patience {
		return nil, fmt.Errorf("tried for more than %v", r.patience)
	}
	return r.Standard.GetRetryToken(ctx, err)
}

type begunKey struct{}

// timed notes when a request began, all attempts being one.
func timed(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("keytrail.begun",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(context.WithValue(ctx, begunKey{}, time.Now()), in)
		}), middleware.Before)
}

// unconnected reports that a request was not even sent, for want of a connection.
func unconnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// cutOff reports an answer that broke off before its end, such as a page of a
// listing. The SDK would not ask again.
func cutOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
