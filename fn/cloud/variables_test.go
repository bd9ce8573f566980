package cloud_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flux-workload-identity/fn/cloud"
	"flux-workload-identity/fn/cloud/provider"
)

// What a value with variables may come to.
const (
	pass  = "pass"  // right, and no variable
	await = "await" // right as far as can be seen: one warning
	newer = "newer" // the same, and the warning of the text around the variable
	wrong = "wrong" // as wrong as the value is without any regard to variables
	write = "write" // wrong, with the words for how a variable is written
)

type variableCase struct{ reason, value, want string }

var variableCases = map[string][]variableCase{
	"aws roleARN": {
		{"The account differs by cluster.", "arn:aws:iam::${ACCOUNT_ID}:role/flux", await},
		{"The name of the role does.", "arn:aws:iam::111122223333:role/${ROLE}", await},
		{"A part of the name does.", "arn:aws:iam::111122223333:role/flux-${CLUSTER}", await},
		{"The first part of the name.", "arn:aws:iam::111122223333:role/${CLUSTER}-flux", await},
		{"The middle of the name.", "arn:aws:iam::111122223333:role/a-${CLUSTER}-flux", await},
		{"A path.", "arn:aws:iam::111122223333:role/${PATH}/flux", await},
		{"A path with its slash.", "arn:aws:iam::111122223333:role/${PATH}flux", await},
		{"The kind and the name.", "arn:aws:iam::111122223333:${RESOURCE}", await},
		{"All of it.", "${ROLE_ARN}", await},
		{"All but the name.", "${ROLE_PREFIX}/flux", await},
		{"All after the partition.", "arn:aws:${REST}", await},
		{"The partition.", "arn:${PARTITION}:iam::111122223333:role/flux", await},
		{"What follows aws in it, which is mostly nothing.", "arn:aws${SUFFIX}:iam::111122223333:role/flux", await},
		{"What follows aws- in it.", "arn:aws-${SUFFIX}:iam::111122223333:role/flux", await},
		{"Account and name.", "arn:aws:iam::${ACCOUNT_ID}:role/${CLUSTER}-flux", await},
		{"The same variable twice.", "arn:aws:iam::${ACCOUNT_ID}:role/flux-${ACCOUNT_ID}", await},
		{"Twice, first in the name.", "arn:aws:iam::111122223333:role/${A}/${A}", await},
		{"Partition, account and name.", "arn:${PARTITION}:iam::${ACCOUNT_ID}:role/${ROLE}", await},
		{"More than can be tried: it may be right.", "${A}${B}:${C}:${D}::${E}:${F}/${G}", await},
		{"Each part.", "${A}:${B}:${C}::${D}:${E}/${F}", await},
		{"A half of the account.", "arn:aws:iam::11112222${REST}:role/flux", await},
		{"Its other half.", "arn:aws:iam::${FIRST}33334444:role/flux", await},
		{"Both halves.", "arn:aws:iam::${FIRST}${SECOND}:role/flux", await},
		{"Another account than the example's.", "arn:aws:iam::9999${REST}:role/flux", await},
		{"A name in small letters, as names may be.", "arn:aws:iam::${account_id}:role/flux", await},
		{"A name that starts with an underscore.", "arn:aws:iam::${_A1}:role/flux", await},
		{"Twelve digits as the default.", "arn:aws:iam::${ACCOUNT_ID:=111122223333}:role/flux", await},
		{"The default in bash's other way.", "arn:aws:iam::${ACCOUNT_ID:-111122223333}:role/flux", await},
		{"And in Flux's third.", "arn:aws:iam::${ACCOUNT_ID=111122223333}:role/flux", await},
		{"A default, and a variable without one.", "arn:aws:iam::${ACCOUNT_ID:=111122223333}:role/${ROLE}", await},
		{"A whole value as the default.", "${ROLE_ARN:=arn:aws:iam::111122223333:role/flux}", await},
		{"A variable in the default of another.", "${ROLE_ARN:=arn:aws:iam::${ACCOUNT_ID}:role/flux}", await},
		{"No suffix by default.", "arn:aws:iam::111122223333:role/flux${SUFFIX:=}", await},
		{"In small letters.", "arn:aws:iam::111122223333:role/${CLUSTER,,}", await},
		{"The first letter small.", "arn:aws:iam::111122223333:role/${CLUSTER,}", await},
		{"In capitals.", "arn:aws:iam::111122223333:role/${CLUSTER^^}", await},
		{"The first letter a capital.", "arn:aws:iam::111122223333:role/${CLUSTER^}", await},
		{"A part of a value.", "arn:aws:iam::111122223333:role/${CLUSTER:0:8}", await},
		{"All from a position.", "arn:aws:iam::111122223333:role/${CLUSTER:2}", await},
		{"From the end.", "arn:aws:iam::111122223333:role/${CLUSTER:-2}", await},
		{"A position that another variable has.", "arn:aws:iam::111122223333:role/${CLUSTER:${N}:${M}}", await},
		{"Without its prefix.", "arn:aws:iam::111122223333:role/${CLUSTER#prod-}", await},
		{"The longest.", "arn:aws:iam::111122223333:role/${CLUSTER##*-}", await},
		{"A prefix that another variable has.", "arn:aws:iam::111122223333:role/${CLUSTER#${ENV}}", await},
		{"A hash as the prefix.", "arn:aws:iam::111122223333:role/${CLUSTER###}", await},
		{"Without its suffix.", "arn:aws:iam::111122223333:role/${CLUSTER%-prod}", await},
		{"The longest suffix.", "arn:aws:iam::111122223333:role/${CLUSTER%%-*}", await},
		{"A character replaced.", "arn:aws:iam::111122223333:role/${CLUSTER/_/-}", await},
		{"All of them.", "arn:aws:iam::111122223333:role/${CLUSTER//_/-}", await},
		{"A prefix replaced.", "arn:aws:iam::111122223333:role/${CLUSTER/#a/b}", await},
		{"A suffix replaced.", "arn:aws:iam::111122223333:role/${CLUSTER/%a/b}", await},
		{"A character removed.", "arn:aws:iam::111122223333:role/${CLUSTER/_/}", await},
		{"A slash replaced.", "arn:aws:iam::111122223333:role/${CLUSTER/\\//-}", await},
		{"By another variable.", "arn:aws:iam::111122223333:role/${CLUSTER/a/${B}}", await},
		{"How long a value is.", "arn:aws:iam::111122223333:role/${#CLUSTER}", await},
		{"An error in bash, a default in Flux.", "arn:aws:iam::111122223333:role/${CLUSTER:?missing}", await},
		{"Another value in bash, a default in Flux.", "arn:aws:iam::111122223333:role/${CLUSTER:+there}", await},
		{"Nothing as such.", "arn:aws:iam::111122223333:role/${CLUSTER:+}", await},
		{"What Flux writes a dollar for, in a path.", "arn:aws:iam::111122223333:role/$$a/${ROLE}", await},
		{"The partition may be newer than the list, which the pattern does not know.", "arn:aws-moon:iam::${ACCOUNT_ID}:role/flux", await},
		{"A default that may be newer.", "arn:${P:=aws-moon}:iam::111122223333:role/flux", newer},

		{"Another service.", "arn:aws:s3::${ACCOUNT_ID}:role/flux", wrong},
		{"A bucket.", "arn:aws:s3:::${BUCKET}", wrong},
		{"A user is no role, whatever the account.", "arn:aws:iam::${ACCOUNT_ID}:user/flux", wrong},
		{"A user, all of whose variables are others.", "arn:${P}:iam::${ACCOUNT_ID}:user/${NAME}", wrong},
		{"A session.", "arn:aws:sts::${ACCOUNT_ID}:assumed-role/flux/session", wrong},
		{"A region.", "arn:aws:iam:eu-west-1:${ACCOUNT_ID}:role/flux", wrong},
		{"A partition of another cloud.", "arn:gcp:iam::${ACCOUNT_ID}:role/flux", wrong},
		{"A colon is missing.", "arn:aws:iam:${ACCOUNT_ID}:role/flux:x", wrong},
		{"A name alone.", "flux-${CLUSTER}", wrong},
		{"Too many digits already.", "arn:aws:iam::1111222233334${REST}:role/flux", wrong},
		{"A letter in the account.", "arn:aws:iam::a${REST}:role/flux", wrong},
		{"A hyphen in it.", "arn:aws:iam::1111-${REST}:role/flux", wrong},
		{"A blank in the name.", "arn:aws:iam::${ACCOUNT_ID}:role/flux role", wrong},
		{"No name.", "arn:aws:iam::${ACCOUNT_ID}:role/", wrong},
		{"A name that is too long already.", "arn:aws:iam::${ACCOUNT_ID}:role/" + strings.Repeat("f", 65), wrong},
		{"A service's own role, which the pattern does not know.", "arn:aws:iam::${ACCOUNT_ID}:role/aws-service-role/${NAME}", await},
		{"A placeholder beside a variable.", "arn:aws:iam::${ACCOUNT_ID}:role/<ROLE>", wrong},
		{"Eleven digits as the default.", "arn:aws:iam::${ACCOUNT_ID:=11112222333}:role/flux", wrong},
		{"A default that is empty.", "arn:aws:iam::${ACCOUNT_ID:=}:role/flux", wrong},
		{"A user as the default.", "${ROLE_ARN:=arn:aws:iam::${ACCOUNT_ID}:user/flux}", wrong},
		{"A variable twice that cannot be right in both places: each place is looked at alone.", "arn:aws:iam::${A}:${A}/flux", await},
		{"A brace after it.", "arn:aws:iam::${ACCOUNT_ID}}:role/flux", wrong},
		{"A blank before it.", " ${ROLE_ARN}", wrong},
		{"A text that is longer than any value.", "${ROLE_ARN}" + strings.Repeat("x", 5000), wrong},

		{"No braces.", "arn:aws:iam::$ACCOUNT_ID:role/flux", write},
		{"A dollar that is escaped.", "arn:aws:iam::$${ACCOUNT_ID}:role/flux", write},
		{"A name that starts with a digit.", "arn:aws:iam::${1ACCOUNT}:role/flux", write},
		{"A hyphen in the name: Flux's parser stops there.", "arn:aws:iam::${ACCOUNT-ID}:role/flux", write},
		{"A blank in it.", "arn:aws:iam::${ ACCOUNT_ID }:role/flux", write},
		{"No name.", "arn:aws:iam::${}:role/flux", write},
		{"No brace at the end.", "arn:aws:iam::${ACCOUNT_ID:role/flux", write},
		{"Only its start.", "${", write},
		{"Not a variable of Flux.", "arn:aws:iam::$(ACCOUNT_ID):role/flux", write},
		{"No closing brace in a path, where any character is right.", "arn:aws:iam::111122223333:role/${PATH/flux", write},
		{"A digit in a path, which Flux would fail at.", "arn:aws:iam::111122223333:role/${1}/flux", write},
		{"An operator that Flux has not.", "arn:aws:iam::111122223333:role/${A@U}/flux", write},
		{"One of bash that Flux has not.", "arn:aws:iam::111122223333:role/${A-b}/flux", write},
		{"Half of a replacement.", "arn:aws:iam::111122223333:role/${A/b}", write},
		{"A position without a number.", "arn:aws:iam::111122223333:role/${A:}", write},
		{"One sign too many.", "arn:aws:iam::111122223333:role/${A^^^}", write},
		{"A length and more.", "arn:aws:iam::111122223333:role/${#A:=b}", write},
		{"Nothing to remove.", "arn:aws:iam::111122223333:role/x${A#}/flux", write},
		{"Nothing to remove, at length.", "arn:aws:iam::111122223333:role/x${A##}/flux", write},
		{"Nothing to remove at the end.", "arn:aws:iam::111122223333:role/x${A%}/flux", write},
		{"The same at length.", "arn:aws:iam::111122223333:role/x${A%%}/flux", write},
		{"A prefix of a text and a variable, which Flux cannot read.", "arn:aws:iam::111122223333:role/x${A#b${C}}/flux", write},
		{"And of a variable and a text.", "arn:aws:iam::111122223333:role/x${A#${C}b}/flux", write},
		{"A line break after an operator.", "arn:aws:iam::111122223333:role/x${A#\n}/flux", write},
		{"Another in a replacement.", "arn:aws:iam::111122223333:role/x${A/\r/x}/flux", write},
		{"One of Unicode.", "arn:aws:iam::111122223333:role/x${A%\u2028}/flux", write},
		{"One in a default.", "arn:aws:iam::111122223333:role/x${A:=b\n}/flux", write},
		{"One in a default of bash's.", "arn:aws:iam::111122223333:role/x${A:?b\u0085}/flux", write},
		{"One in a variable of an operator.", "arn:aws:iam::111122223333:role/x${A#${B:=\n}}/flux", write},
		{"A NUL byte, which ends Flux's text.", "arn:aws:iam::111122223333:role/x${A#\x00}/flux", write},
		{"An escape sequence.", "arn:aws:iam::111122223333:role/x${A/\x1b/x}/flux", write},
		{"A length without an end.", "arn:aws:iam::111122223333:role/x${A:0:}/flux", write},
		{"A position with a text after the variable.", "arn:aws:iam::111122223333:role/x${A:${B}c}/flux", write},
		{"A third number.", "arn:aws:iam::111122223333:role/x${A:1:2${B}}/flux", write},
		{"A length without a position.", "arn:aws:iam::111122223333:role/x${A::2}/flux", write},
		{"No prefix to replace.", "arn:aws:iam::111122223333:role/x${A/#/b}/flux", write},
		{"Nothing to replace.", "arn:aws:iam::111122223333:role/x${A/}/flux", write},
		{"Nothing before the slash.", "arn:aws:iam::111122223333:role/x${A///}/flux", write},
		{"A replacement that ends in a slash and a text.", "arn:aws:iam::111122223333:role/x${A/b/c${D}}/flux", write},
		{"A replacement that has no end.", "arn:aws:iam::111122223333:role/x${A/b/c/flux", write},
		{"Small letters and capitals.", "arn:aws:iam::111122223333:role/x${A,^}/flux", write},
		{"Small letters and more.", "arn:aws:iam::111122223333:role/x${A,b}/flux", write},
		{"An operator alone.", "arn:aws:iam::111122223333:role/x${A:/flux", write},
		{"A dash.", "arn:aws:iam::111122223333:role/x${A:-/flux", write},
		{"A plus alone.", "arn:aws:iam::111122223333:role/x${A+b}/flux", write},
		{"A question mark alone.", "arn:aws:iam::111122223333:role/x${A?b}/flux", write},
		{"A length of nothing.", "arn:aws:iam::111122223333:role/x${#}/flux", write},
		{"A length of a number.", "arn:aws:iam::111122223333:role/x${#1}/flux", write},
		{"A list of bash's.", "arn:aws:iam::111122223333:role/x${A[0]}/flux", write},
		{"Indirection.", "arn:aws:iam::111122223333:role/x${!A}/flux", write},
		{"A case of zsh's.", "arn:aws:iam::111122223333:role/x${A:l}x${/flux", write},
		{"A right variable beside a malformed one.", "arn:aws:iam::${ACCOUNT_ID}:role/${1}", write},

		{"A dollar in a path is right, as ever.", "arn:aws:iam::111122223333:role/$a/flux", pass},
	},
	"aws audience": {
		{"All of it.", "${AUDIENCE}", await},
		{"A part.", "sts.${REGION}.amazonaws.com", await},
		{"The default.", "${AUDIENCE:=sts.amazonaws.com}", await},
		{"A URL.", "https://${HOST}/x", await},
		{"Two words.", "sts ${REGION}", wrong},
		{"Two words as the default.", "${AUDIENCE:=a b}", wrong},
		{"Too long already.", strings.Repeat("a", 256) + "${A}", wrong},
		{"A dollar is a character of a word, as ever.", "$AUDIENCE", pass},
		{"Any character is right, but Flux would fail.", "${AUDIENCE", write},
	},
	"aws stsRegionalEndpoints": {
		{"Either.", "${REGIONAL}", await},
		{"Right by default.", "${REGIONAL:=true}", await},
		{"The other.", "${REGIONAL:-false}", await},
		{"With the quotes that make it a string in YAML.", `${REGIONAL:="false"}`, await},
		{"A prefix of one of the two.", "fal${X}", await},
		{"A prefix of the other.", "t${X}", await},
		{"No boolean.", "${REGIONAL}ly", wrong},
		{"No boolean by default.", "${REGIONAL:=yes}", wrong},
		{"Quotes that stay.", `"${REGIONAL}"`, wrong},
		{"In Flux's quotes.", "${quote}${REGIONAL}${quote}", await},
		{"No braces.", "$REGIONAL", write},
	},
	"aws tokenExpirationSeconds": {
		{"Any number.", "${SECONDS}", await},
		{"Right by default.", "${TOKEN_SECONDS:=900}", await},
		{"Right in quotes.", `${TOKEN_SECONDS:="900"}`, await},
		{"Right in others.", `${TOKEN_SECONDS:='900'}`, await},
		{"Flux's way to get quotes.", "${quote}${SECONDS}${quote}", await},
		{"The same around a number.", "${quote}3600${quote}", await},
		{"Two zeros of it.", "36${ZEROS}", await},
		{"The lowest.", "6${ZEROS}", await},
		{"The highest.", "864${ZEROS}", await},
		{"Too short by default.", "${TOKEN_SECONDS:=60}", wrong},
		{"Too short by default, in quotes.", `${TOKEN_SECONDS:="60"}`, wrong},
		{"No number by default.", "${TOKEN_SECONDS:=1h}", wrong},
		{"A unit.", "${HOURS}h", wrong},
		{"A zero before it.", "0${SECONDS}", wrong},
		{"A sign.", "-${SECONDS}", wrong},
		{"Too large, whatever comes.", "86401${X}0", wrong},
		{"No braces.", "$SECONDS", write},
	},
	"azure clientID": {
		{"All of it.", "${CLIENT_ID}", await},
		{"Its first group.", "${A}-2a1c-4d5e-8f60-718293a4b5c6", await},
		{"One in between.", "3b9f8f4e-2a1c-${A}-8f60-718293a4b5c6", await},
		{"Its last.", "3b9f8f4e-2a1c-4d5e-8f60-${A}", await},
		{"Each.", "${A}-${B}-${C}-${D}-${E}", await},
		{"The same group thrice.", "3b9f8f4e-${A}-${A}-${A}-718293a4b5c6", await},
		{"All after the first.", "3b9f8f4e-${REST}", await},
		{"From within a group.", "3b9f${REST}", await},
		{"Within a group.", "3b9f${A}-2a1c-4d5e-8f60-718293a4b5c6", await},
		{"Across groups.", "3b9f8f4e-2a${A}93a4b5c6", await},
		{"Capitals.", "3B9F8F4E-${REST}", await},
		{"Right by default.", "${CLIENT_ID:=3b9f8f4e-2a1c-4d5e-8f60-718293a4b5c6}", await},
		{"Zeros, which are not all yet.", "00000000-0000-0000-0000-${REST}", await},
		{"A group that is too short.", "3b9f-${REST}", wrong},
		{"One that is too long.", "3b9f8f4e0-${REST}", wrong},
		{"A letter that is no digit.", "3g9f8f4e-${REST}", wrong},
		{"Braces around it.", "{${CLIENT_ID}}", wrong},
		{"The nil GUID by default.", "${CLIENT_ID:=00000000-0000-0000-0000-000000000000}", wrong},
		{"A name by default.", "${CLIENT_ID:=flux}", wrong},
		{"A placeholder.", "<CLIENT>${X}", wrong},
		{"No braces.", "$CLIENT_ID", write},
	},
	"azure tenantID": {
		{"All of it.", "${TENANT_ID}", await},
		{"A domain, which is no tenant ID.", "${TENANT}.onmicrosoft.com", wrong},
	},
	"azure tokenExpirationSeconds": {
		{"Any number.", "${SECONDS}", await},
		{"Right by default.", "${SECONDS:=3600}", await},
		{"Azure's floor.", "${SECONDS:=3599}", wrong},
	},
	"gcp serviceAccountEmail": {
		{"The project differs by cluster.", "flux-gar@${PROJECT}.iam.gserviceaccount.com", await},
		{"The name does.", "${NAME}@my-project.iam.gserviceaccount.com", await},
		{"A part of the name.", "flux-${ENV}@my-project.iam.gserviceaccount.com", await},
		{"The first part of it.", "${ENV}-flux@my-project.iam.gserviceaccount.com", await},
		{"A part of the project.", "flux-gar@acme-${ENV}.iam.gserviceaccount.com", await},
		{"A part of a domain's project.", "flux-gar@my-project.${DOMAIN}.iam.gserviceaccount.com", await},
		{"A project that is too short, whatever the domain.", "flux-gar@proj.${DOMAIN}.iam.gserviceaccount.com", wrong},
		{"Name and project.", "${NAME}@${PROJECT}.iam.gserviceaccount.com", await},
		{"The same in both.", "flux-${ENV}@acme-${ENV}.iam.gserviceaccount.com", await},
		{"Three variables.", "${A}-${B}@${PROJECT}.iam.gserviceaccount.com", await},
		{"Five.", "${A}-${B}-${C}@${P}-${E}.iam.gserviceaccount.com", await},
		{"All after the name.", "flux-gar@${HOST}", await},
		{"All of it.", "${EMAIL}", await},
		{"The default account of a project's machines.", "${NUMBER}-compute@developer.gserviceaccount.com", await},
		{"The name of that.", "${NAME}@developer.gserviceaccount.com", await},
		{"That of App Engine.", "${PROJECT}@appspot.gserviceaccount.com", await},
		{"All after a number.", "123-${REST}", await},
		{"Right by default.", "flux-gar@${PROJECT:=my-project}.iam.gserviceaccount.com", await},
		{"An empty suffix by default.", "flux-gar${SUFFIX:=}@my-project.iam.gserviceaccount.com", await},
		{"Two at signs.", "flux@gar@${PROJECT}.iam.gserviceaccount.com", wrong},
		{"A name that is too short.", "flux@${PROJECT}.iam.gserviceaccount.com", wrong},
		{"A name that is too short, and a project of App Engine that is.", "flux@${HOST}", wrong},
		{"A project of App Engine.", "my-project@${HOST}", await},
		{"No name.", "@${HOST}", wrong},
		{"A project that is too long already.", "flux-gar@" + strings.Repeat("p", 31) + "${P}.iam.gserviceaccount.com", wrong},
		{"A domain after a project that is long enough.", "flux-gar@" + strings.Repeat("p", 30) + ".${DOMAIN}.iam.gserviceaccount.com", await},
		{"Capitals.", "Flux-gar@${PROJECT}.iam.gserviceaccount.com", wrong},
		{"Another domain.", "flux-gar@${PROJECT}.example.com", wrong},
		{"Google's workload identity pool is no account.", "principal://iam.googleapis.com/${POOL}", wrong},
		{"A member's prefix.", "serviceAccount:${EMAIL}", wrong},
		{"A project that ends in a hyphen.", "flux-gar@${PROJECT}-.iam.gserviceaccount.com", wrong},
		{"A short name by default.", "${NAME:=flux}@my-project.iam.gserviceaccount.com", wrong},
		{"Capitals by default.", "flux-gar@${PROJECT:=ACME}.iam.gserviceaccount.com", wrong},
		{"No braces.", "flux-gar@$PROJECT.iam.gserviceaccount.com", write},
	},
}

// fieldNamed returns a field by the names of its cloud and its own.
func fieldNamed(t *testing.T, name string) provider.Field {
	t.Helper()
	cloudName, fieldName, _ := strings.Cut(name, " ")
	for _, f := range cloud.Named(cloudName).Fields() {
		if f.Name == fieldName {
			return f
		}
	}
	t.Fatalf("no field %s", name)
	return provider.Field{}
}

func TestVariables(t *testing.T) {
	for name, cases := range variableCases {
		f := fieldNamed(t, name)
		for _, tc := range cases {
			t.Run(name+"/"+tc.reason, func(t *testing.T) {
				got := f.CheckValue(tc.value)
				if diff := cmp.Diff(tc.want, outcome(f, tc.value, got)); diff != "" {
					t.Errorf("%s\n%q: %v: -want +got:\n%s", tc.reason, tc.value, got, diff)
				}
			})
		}
	}
}

// outcome sorts what was said of a value, and is none of those above where the words are
// not right.
func outcome(f provider.Field, value string, got []provider.Complaint) string {
	const unknown = "; this cannot be checked until Flux's post-build substitution fills in ${"
	const how = "; a variable is written ${NAME}"
	last := provider.Complaint{}
	if len(got) > 0 {
		last = got[len(got)-1]
	}
	plain := f.Check(value)
	switch {
	case len(got) == 0:
		return pass
	case last.Warning && strings.HasPrefix(last.Text, "want "+f.Want+unknown):
		if len(got) == 2 && got[0].Warning {
			return newer
		}
		return await
	case !last.Warning && len(got) == 1 && strings.HasPrefix(last.Text, "want "+f.Want) && strings.HasSuffix(last.Text, how):
		return write
	case cmp.Equal(plain, got):
		return wrong
	case !last.Warning && len(got) == 1 && strings.HasPrefix(last.Text, "want "+f.Want) && strings.Contains(value, "="):
		return wrong // in the words for the default
	}
	return fmt.Sprint(got)
}

var namePattern = regexp.MustCompile(`[A-Za-z0-9]+`)

// TestVariablesForParts replaces every part of valid values, and every two and three, by
// variables.
func TestVariablesForParts(t *testing.T) {
	for _, p := range cloud.All {
		for _, f := range p.Fields() {
			for _, valid := range append([]string{f.Example}, f.Forms...) {
				parts := namePattern.FindAllStringIndex(valid, -1)
				for i := range parts {
					for j := i; j < len(parts); j++ {
						for k := j; k < len(parts); k++ {
							checkReplaced(t, f, valid, parts[i], parts[j], parts[k])
						}
					}
				}
			}
		}
	}
}

func checkReplaced(t *testing.T, f provider.Field, valid string, parts ...[]int) {
	t.Helper()
	value, end := "", 0
	for i, part := range parts {
		if part[0] >= end {
			value += valid[end:part[0]] + fmt.Sprintf("${V%d}", i)
			end = part[1]
		}
	}
	value += valid[end:]
	if got := f.CheckValue(value); outcome(f, value, got) != await {
		t.Errorf("%s of %s: %v", value, valid, got)
	}
}

// TestVariablesAnywhere cuts any piece out of valid values: what was valid must be.
func TestVariablesAnywhere(t *testing.T) {
	for _, p := range cloud.All {
		for _, f := range p.Fields() {
			for _, valid := range append([]string{f.Example}, f.Forms...) {
				for low := range valid {
					for high := low + 1; high <= len(valid); high++ {
						checkReplaced(t, f, valid, []int{low, high})
					}
				}
			}
		}
	}
}

// TestDefaultsAnywhere puts any piece of valid values into a default, and a wrong one.
func TestDefaultsAnywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, p := range cloud.All {
		for _, f := range p.Fields() {
			for range 200 {
				low := random.IntN(len(f.Example))
				high := low + 1 + random.IntN(len(f.Example)-low)
				before, piece, after := f.Example[:low], f.Example[low:high], f.Example[high:]
				if value := before + "${A:=" + piece + "}" + after; outcome(f, value, f.CheckValue(value)) != await {
					t.Errorf("%s: %v", value, f.CheckValue(value))
				}
				if value := before + "${A:=" + piece + " }" + after; outcome(f, value, f.CheckValue(value)) != wrong {
					t.Errorf("%s: %v", value, f.CheckValue(value))
				}
			}
		}
	}
}

// TestVariablesTries counts how often a value is checked, and how much is read in all, as
// thousands of values may be given.
func TestVariablesTries(t *testing.T) {
	const mostTries = 1
	for name, value := range map[string]string{
		"one":    "flux@gar@${A}.iam.gserviceaccount.com",
		"two":    "flux@gar@${A}.${B}.gserviceaccount.com",
		"six":    "@@${A}${B}${C}${D}${E}${F}",
		"eight":  "@@${A}${B}${C}${D}${E}${F}${G}${H}",
		"twice":  strings.Repeat("${A}x@", 500),
		"only":   strings.Repeat("${A}", 1000),
		"deep":   strings.Repeat("${A:=", 600) + strings.Repeat("}", 600),
		"deeper": strings.Repeat("${A:=", 20000) + strings.Repeat("}", 20000),
		"long":   strings.Repeat("x", 1<<20) + "${A}",
		"others": "arn:aws:s3::${A}:role/${B}/${C}",
	} {
		for _, p := range cloud.All {
			for _, f := range p.Fields() {
				tries, bytes, check := 0, 0, f.Check
				f.Check = func(value string) []provider.Complaint {
					tries, bytes = tries+1, bytes+len(value)
					return check(value)
				}
				f.CheckValue(value)
				if tries > mostTries || bytes > 2*len(value) {
					t.Errorf("%s %s: %s: %d tries of %d bytes in all, want at most %d", p.Name, f.Name, name, tries, bytes, mostTries)
				}
			}
		}
	}
}

// TestVariablesOfOtherTypes checks that it is said how to keep a number a string.
func TestVariablesOfOtherTypes(t *testing.T) {
	cases := map[string]struct{ reason, field, value, want string }{
		"Number":  {"Flux writes 3600, and Kubernetes refuses it.", "aws tokenExpirationSeconds", "${S}", "; write ${quote}${S}${quote}, with quote: '\"' among the variables, as an annotation must be a string"},
		"Part":    {"A part of a number is no different.", "azure tokenExpirationSeconds", "36${S}", "; write ${quote}36${S}${quote}, with quote: '\"' among the variables, as an annotation must be a string"},
		"Default": {"Nor is a default.", "aws stsRegionalEndpoints", "${R:=true}", "; write ${quote}${R:=true}${quote}, with quote: '\"' among the variables, as an annotation must be a string"},
		"Same":    {"The same digits at both ends are no quotes.", "aws tokenExpirationSeconds", "6${S}6", "; write ${quote}6${S}6${quote}, with quote: '\"' among the variables, as an annotation must be a string"},
		"Quoted":  {"Done already.", "aws tokenExpirationSeconds", "${quote}${S}${quote}", ""},
		"InQuote": {"Done in another way.", "aws tokenExpirationSeconds", `${S:="900"}`, ""},
		"String":  {"A role is a string, with quotes or without.", "aws roleARN", "${R}", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := fieldNamed(t, tc.field).CheckValue(tc.value)
			if len(got) != 1 {
				t.Fatal(got)
			}
			_, said, _ := strings.Cut(got[0].Text, "fills in ")
			_, said, _ = strings.Cut(said, "}")
			if i := strings.Index(said, ";"); i >= 0 {
				said = said[i:]
			} else {
				said = ""
			}
			if diff := cmp.Diff(tc.want, said); diff != "" {
				t.Errorf("%s\n%q: -want +got:\n%s", tc.reason, tc.value, diff)
			}
		})
	}
}

// FuzzVariables holds values against what is said of them without regard to variables:
// nothing changes where there is none, and a word is said where there is one.
func FuzzVariables(f *testing.F) {
	for _, cases := range variableCases {
		for _, tc := range cases {
			f.Add(tc.value)
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, p := range cloud.All {
			for _, field := range p.Fields() {
				got := field.CheckValue(value)
				switch plain := field.Check(value); {
				case !strings.Contains(value, "$") && !cmp.Equal(plain, got):
					t.Errorf("%s: %q: want %v as without variables, got %v", field.Name, value, plain, got)
				case len(plain) == 0 && len(got) == 0 && strings.Contains(strings.ReplaceAll(value, "$$", ""), "${"):
					t.Errorf("%s: %q: want a word about the variable", field.Name, value)
				}
			}
		}
	})
}
