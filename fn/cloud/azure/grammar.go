package azure

import "flux-workload-identity/fn/cloud/provider"

const wantGUID = "a GUID: 8-4-4-4-12 hexadecimal digits"

const nilGUID = "00000000-0000-0000-0000-000000000000"

const guidPattern = `^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`

var guid = provider.Pattern(guidPattern)

func checkGUID(value string) []provider.Complaint {
	switch {
	case !guid(value):
		return provider.Wrong("want %s%s", wantGUID, provider.Placeholder(value))
	case value == nilGUID:
		return provider.Wrong("want %s; this is the nil GUID, a placeholder", wantGUID)
	}
	return nil
}

func check(v provider.Values) []provider.Complaint {
	if v[clientID] != "" && provider.EqualFold(v[clientID], v[tenantID]) {
		return []provider.Complaint{{Field: clientID, Text: "want the ID of the identity; this is its tenant's"}}
	}
	return nil
}
