// Package ports has the interfaces that the application needs, each with its
// contract: who calls it, what it promises, which faults it gives. Adapters
// implement them; ports/portstest has one exported contract suite per port,
// which every adapter runs.
package ports
