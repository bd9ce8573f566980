package fn_test

import (
	"testing"

	"flux-workload-identity/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
