package detect

// Identity: credentials used as they never were (IAM).
var identity = []Detection{
	rootUsed, withoutMFA, signInWithoutMFA, longTermKey,
	firstOnTable, firstNetwork, firstProgram,
	wrongRegion, fromStrangers,
	deniedBurst, deniedThenAllowed,
	offHost, impossibleTravel, enumeration,
	offHours, dormant, roleMisused,
}
