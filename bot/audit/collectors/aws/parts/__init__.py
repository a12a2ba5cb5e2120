"""Functions that several AWS sources share: ARNs, subnets, DNS targets, target groups, schedules."""
