"""Remediations in manifests and `kubectl` commands, where a check that is not about clusters alone judges what runs in one."""

from collections.abc import Mapping

_RULE = "a PrometheusRule whose alert is routed to the on-call team (`kubectl apply -f rule.yaml`)"

KUBERNETES: Mapping[str, str] = {
    "AU08": "Deploy with a controller that rolls back (Argo Rollouts, Flagger), and set `progressDeadlineSeconds`; by hand: `kubectl "
    "rollout undo deployment NAME`.",
    "BK01": "Back up its volumes: `velero schedule create NAME --schedule '0 2 * * *' --include-namespaces NAMESPACE`.",
    "BK04": "Write the backups to a bucket in a second region: `velero backup-location create NAME --bucket BUCKET`.",
    "BK05": "Keep the backups in a bucket of another account with `object lock`.",
    "BK06": "Run `velero schedule create NAME --schedule '0 2 * * *' --include-namespaces NAMESPACE --snapshot-volumes`.",
    "CA03": "Raise `maxReplicas` of the autoscaler to at least the usual number times AZs / (AZs - 1), and let the cluster add nodes.",
    "CA07": "Set the same `maxReplicas` in each cluster, best from one Kustomize base.",
    "CL07": "Mirror the images: a pull-through cache of your registry, or Harbor as a `proxy cache`; then use its names.",
    "DN07": "Let cert-manager renew it (`kubectl describe certificate NAME` shows why a renewal is stuck), with `renewBefore: 720h`.",
    "FO05": "Publish the name with health-checked DNS records (k8gb, external-dns), or put a `global` load balancer before the clusters.",
    "FO07": "Keep the capacity of the first minutes running: `kubectl scale deployment NAME --replicas 2` in the standby cluster.",
    "OB01": f"Create {_RULE}, on the share of 5xx responses.",
    "OB02": f"Create {_RULE}, on the 99th percentile of the latency.",
    "OB03": f"Create {_RULE}, on CPU, memory or throttling.",
    "OB04": f"Create {_RULE}, on the datastore's errors and free storage.",
    "OB07": "Probe the public name from outside the cluster's region (Prometheus `blackbox_exporter`, or an uptime service).",
    "PO01": "Upgrade the cluster after the tests pass, one minor version after the other (`kubectl get nodes` shows them).",
    "RG01": "Deploy the same manifests to a cluster in a second region (`kubectl apply --context CONTEXT -k overlays/REGION`) and route "
    "traffic with health-checked DNS records; declare what no collector can see under `deployments:` in backstay.yaml.",
    "RH02": "Restore into a namespace of its own (`velero restore create --from-backup NAME --namespace-mappings shop:restored`), "
    "validate the data, and record it under `drills:`; a restore without validation proves nothing.",
    "RH04": "Run an experiment of LitmusChaos or Chaos Mesh (`kubectl apply -f experiment.yaml`), such as deleting one pod.",
    "RH05": "Drain the nodes of one zone on a working day (`kubectl drain --selector topology.kubernetes.io/zone=ZONE`), and record it "
    "under `drills:` in backstay.yaml.",
    "ZN01": "Add `topologySpreadConstraints` with `topologyKey: topology.kubernetes.io/zone`, and run nodes in three zones.",
    "ZN02": "Put Pods under a `Deployment` whose replicas are spread over three zones.",
    "ZN03": "Run `kubectl scale deployment NAME --replicas 3`, with `topologySpreadConstraints` over `topology.kubernetes.io/zone`.",
    "ZN04": "Run nodes in three zones and let the load balancer span them (`externalTrafficPolicy: Cluster`).",
    "ZN05": "Spread the pods behind it: `topologySpreadConstraints` with `topologyKey: topology.kubernetes.io/zone`.",
}
