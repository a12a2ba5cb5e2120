"""Remediations with the commands of Google Cloud."""

from collections.abc import Mapping

GOOGLE: Mapping[str, str] = {
    "AU01": "Cloud SQL: `gcloud sql instances patch NAME --deletion-protection`; Spanner: `gcloud spanner databases update NAME "
    "--enable-drop-protection`; Firestore: `gcloud firestore databases update --delete-protection`; Filestore: `gcloud filestore "
    "instances update NAME --deletion-protection`; others: `deletion_protection = true` in Terraform.",
    "AU03": "Lock the deployment: `gcloud infra-manager deployments lock NAME --location=REGION`.",
    "AU04": "Add a staging target before production in `serialPipeline.stages`: `gcloud deploy apply --file=clouddeploy.yaml`.",
    "AU05": "Set `requireApproval: true` on the production target, or deploy gradually with verification: `gcloud deploy apply "
    "--file=clouddeploy.yaml`.",
    "AU06": "Add an automation with a `repairRolloutRule` that rolls back: `gcloud deploy apply --file=clouddeploy.yaml`.",
    "AU07": "Set `strategy: {canary: ...}` on the production stage, such as 10 % and 50 %: `gcloud deploy apply "
    "--file=clouddeploy.yaml`.",
    "AU10": "Run `gcloud kms keys versions restore VERSION --key=KEY --keyring=RING --location=REGION`, then `gcloud kms keys "
    "versions enable` with the same values.",
    "AU12": "Create the key with a longer wait: `gcloud kms keys create NAME --keyring=RING --location=REGION --purpose=encryption "
    "--destroy-scheduled-duration=30d`; it cannot be changed later.",
    "BK01": "Cloud SQL: `gcloud sql instances patch NAME --backup-start-time=02:00`; Firestore: `gcloud firestore backups schedules "
    "create --recurrence=daily --retention=14d`; Spanner: `gcloud spanner backup-schedules create`; Bigtable: `gcloud bigtable "
    "instances tables update TABLE --enable-automated-backup`; others: a backup plan of `gcloud backup-dr`.",
    "BK02": "Cloud SQL: `gcloud sql instances patch NAME --enable-point-in-time-recovery`; AlloyDB: `gcloud alloydb clusters update "
    "NAME --enable-continuous-backup`; Firestore: `gcloud firestore databases update --enable-pitr`; Spanner: "
    "`version_retention_period = '7d'`; others: back up more often than the `RPO`.",
    "BK03": "Cloud SQL: `gcloud sql instances patch NAME --retained-backups-count=14`; AlloyDB: `gcloud alloydb clusters update NAME "
    "--automated-backup-retention-period=14d`; Firestore: `gcloud firestore backups schedules update --retention=14d`; others: a "
    "`retention` of 14 days.",
    "BK04": "Cloud SQL: `gcloud sql instances patch NAME --backup-location=eu` (a multi-region); Filestore: `gcloud filestore backups "
    "create NAME --region=REGION` with a second region; others: keep backups in a second region or a `multi-region`.",
    "BK05": "Keep the backups in a vault with an enforced retention, in a project of its own: `gcloud backup-dr backup-vaults create "
    "NAME --location=REGION --backup-min-enforced-retention=14d`.",
    "BK06": "Run `gcloud compute resource-policies create snapshot-schedule NAME --daily-schedule --start-time=02:00 "
    "--max-retention-days=14`, then `gcloud compute disks add-resource-policies DISK --resource-policies=NAME`.",
    "BK07": "Enable versioning or soft delete: `gcloud storage buckets update gs://NAME --versioning` with a lifecycle rule that "
    "expires old versions, or `gcloud storage buckets update gs://NAME --soft-delete-duration=7d`.",
    "BK08": "Run `gcloud redis instances update NAME --persistence-mode=rdb --rdb-snapshot-period=12h`, or let the cache evict: "
    "`maxmemory-policy`.",
    "CA01": "Bigtable: `gcloud bigtable clusters update NAME --autoscaling-min-nodes=1 --autoscaling-max-nodes=6 "
    "--autoscaling-cpu-target=60`; Spanner: `gcloud spanner instances update NAME --autoscaling-min-nodes=1 "
    "--autoscaling-max-nodes=6`; others: enable `autoscaling`.",
    "CA02": "Run `gcloud sql instances patch NAME --storage-auto-increase`.",
    "CA03": "Raise the maximum to at least the usual number times AZs / (AZs - 1): `gcloud compute instance-groups managed "
    "set-autoscaling NAME --max-num-replicas=N`, `gcloud run services update NAME --max-instances=N`.",
    "CA04": "Request an increase weeks before it is needed: `gcloud beta quotas preferences create --service=compute.googleapis.com "
    "--quota-id=ID --preferred-value=N`.",
    "CA05": "Raise it to the home region's value: `gcloud beta quotas preferences create --service=compute.googleapis.com "
    "--quota-id=ID --dimensions=region=REGION --preferred-value=N`.",
    "CA06": "Run `gcloud compute networks subnets expand-ip-range NAME --region=REGION --prefix-length=20`.",
    "CA07": "Set the same maximum in each region, best from one template parameter: `gcloud compute instance-groups managed "
    "set-autoscaling NAME --region=REGION --max-num-replicas=N`.",
    "CA08": "Add several machine types to the group's `instanceFlexibilityPolicy`.",
    "CA09": "Run `gcloud pubsub subscriptions update NAME --dead-letter-topic=TOPIC --max-delivery-attempts=5`.",
    "CA10": "Set a dead-letter topic on the subscription that triggers the function: `gcloud pubsub subscriptions update NAME "
    "--dead-letter-topic=TOPIC`.",
    "CA11": "Run `gcloud pubsub subscriptions update NAME --message-retention-duration=4d`.",
    "CN02": "Create a firewall endpoint in each zone that has workloads: `gcloud network-security firewall-endpoints create NAME "
    "--zone=ZONE`.",
    "CN05": "Add a tunnel on the gateway's second interface: `gcloud compute vpn-tunnels create NAME --vpn-gateway=GATEWAY "
    "--interface=1`, and check it with `gcloud compute vpn-tunnels describe NAME`.",
    "CN06": "Declare a second device and add tunnels to it: `gcloud compute external-vpn-gateways create`, `gcloud compute "
    "vpn-tunnels create`.",
    "CN07": "Add an attachment in the other edge availability domain, or an HA VPN as backup: `gcloud compute interconnects "
    "attachments dedicated create`, `gcloud compute vpn-gateways create`.",
    "CN08": "Order the second connection in another location: `gcloud compute interconnects locations list`, `gcloud compute "
    "interconnects create --location=LOCATION`.",
    "CP02": "Use a failover policy with health checks: `gcloud dns record-sets update NAME --type=A --zone=ZONE "
    "--routing-policy-type=FAILOVER --enable-health-checking`.",
    "CP03": "Create the dependency in the other region too and declare it (`depends_on: [{on: gcp/us-central1/spanner, fallback: "
    "gcp/us-east1/spanner}]` in backstay.yaml), or make it a soft dependency (`soft: true`).",
    "CP04": "Create it now, from the same template: `gcloud compute forwarding-rules create NAME --region=REGION`, or use a global "
    "load balancer.",
    "CP05": "Create a second pipeline in the other region from the same definition (`gcloud deploy apply --region=REGION`), or deploy "
    "from a system outside both regions.",
    "DN01": "Run `gcloud dns record-sets update NAME --type=A --zone=ZONE --ttl=60`.",
    "DN02": "Run `gcloud dns record-sets update NAME --type=A --zone=ZONE --enable-health-checking`, or `--health-check` with one "
    "that `gcloud compute health-checks create` made.",
    "DN03": "Run `gcloud domains registrations configure dns NAME --name-servers=...` with the name servers that `gcloud dns "
    "managed-zones describe ZONE` prints.",
    "DN04": "Run `gcloud domains registrations configure management NAME --preferred-renewal-method=automatic-renewal`.",
    "DN05": "Run `gcloud domains registrations configure management NAME --transfer-lock-state=locked`.",
    "DN06": "Point the name to the address of a load balancer, or use a routing policy with several addresses: `gcloud dns "
    "record-sets update NAME --type=A --zone=ZONE --routing-policy-type=WRR`.",
    "DN07": "Use a Google-managed certificate, which renews automatically: `gcloud certificate-manager certificates create NAME "
    "--domains=DOMAIN --dns-authorizations=AUTHORIZATION`; renew one of your own with `gcloud certificate-manager certificates "
    "update NAME --certificate-file=FILE --private-key-file=FILE`.",
    "FO01": "Cloud SQL: `gcloud sql instances patch NAME --availability-type=REGIONAL`; Memorystore: the Standard tier, `gcloud redis "
    "instances create NAME --tier=standard`; others: enable automatic `failover`.",
    "FO02": "Give the failover policy both sets of targets: `gcloud dns record-sets update NAME --routing-policy-type=FAILOVER "
    "--routing-policy-primary-data=RULE --routing-policy-backup-data=REGION=ADDRESS --enable-health-checking`.",
    "FO03": "Run `gcloud compute health-checks update http NAME --check-interval=10s --unhealthy-threshold=3`; an uptime check: "
    "`gcloud monitoring uptime update CHECK --period=1`.",
    "FO05": "Use a global load balancer with backends in both regions (`gcloud compute backend-services add-backend NAME --global`), "
    "or a Cloud DNS failover policy with health checks.",
    "FO07": "Keep the capacity of the first minutes running: `gcloud compute instance-groups managed resize NAME --size=N`, or "
    "`gcloud run services update NAME --min-instances=N`.",
    "FO08": "Add backends in a second region to the CDN's backend service: `gcloud compute backend-services add-backend NAME "
    "--global`; in Media CDN set `failoverOrigin`.",
    "FO09": "Run `gcloud compute instance-groups managed update NAME --health-check=CHECK --initial-delay=60`.",
    "OB01": "Create an alerting policy on responses of class 500 with a notification channel: `gcloud monitoring policies create "
    "--policy-from-file=FILE --notification-channels=CHANNEL`.",
    "OB02": "Create an alerting policy on the 99th percentile of the latency: `gcloud monitoring policies create "
    "--policy-from-file=FILE --notification-channels=CHANNEL`.",
    "OB03": "Create an alerting policy on CPU, memory or `oldest_unacked_message_age`: `gcloud monitoring policies create "
    "--policy-from-file=FILE --notification-channels=CHANNEL`.",
    "OB04": "Create an alerting policy on the datastore's CPU, free storage and errors: `gcloud monitoring policies create "
    "--policy-from-file=FILE --notification-channels=CHANNEL`.",
    "OB05": "Run `gcloud monitoring policies update POLICY --enabled`; delete policies that are not needed.",
    "OB06": "Run `gcloud pubsub subscriptions create NAME --topic=TOPIC`.",
    "OB07": "Run `gcloud monitoring uptime create NAME --resource-type=uptime-url --resource-labels=host=HOST,project_id=PROJECT`, "
    "which checks from several regions.",
    "OB08": "Install the Ops Agent, which sends metrics every `60s`.",
    "OB09": "Run `gcloud monitoring policies update POLICY --add-notification-channels=CHANNEL`.",
    "OB10": "Run `gcloud workflows deploy NAME --call-log-level=log-errors-only`.",
    "PO01": "Upgrade after the tests pass: `gcloud functions deploy NAME --runtime=RUNTIME`, `gcloud container clusters upgrade NAME`.",
    "PO02": "Export regularly in an open format (`gcloud firestore export gs://BUCKET`), write an exit plan, and attest `exit_plan` in "
    "backstay.yaml.",
    "PO03": "Generate Terraform from existing resources (`gcloud beta resource-config bulk-export --resource-format=terraform`); with "
    "Terraform or Pulumi attest `infrastructure_as_code` in backstay.yaml with a link to the repository.",
    "PR05": "Give each step a `try` with `retry` and backoff, or an `except`: `gcloud workflows deploy NAME --source=FILE`.",
    "RG01": "Deploy the stack to a second region (`gcloud run deploy --region=REGION`, or the same Terraform module with a second "
    "region) behind a global load balancer or health-checked DNS records; declare what no collector can see under `deployments:` in "
    "backstay.yaml.",
    "RG02": "Cloud SQL: `gcloud sql instances create NAME --master-instance-name=PRIMARY --region=REGION`; AlloyDB: `gcloud alloydb "
    "clusters create-secondary`; Bigtable: `gcloud bigtable clusters create NAME --zone=ZONE`; Spanner: `gcloud spanner instances "
    "move NAME --target-config=CONFIG`; others: use a `multi-region` location.",
    "RG03": "Replicate the objects to a bucket in another region (`gcloud transfer jobs create gs://NAME gs://COPY --replication`), or "
    "move them to a dual-region: `gcloud storage buckets relocate gs://NAME --location=LOCATION`.",
    "RG04": "Create the secret again with automatic replication, or with every region it is needed in: `gcloud secrets create NAME "
    "--replication-policy=user-managed --locations=REGION,REGION`.",
    "RG05": "Add a target for each region to `serialPipeline.stages`, one region after the other: `gcloud deploy apply "
    "--file=clouddeploy.yaml`.",
    "RG06": "Run `gcloud active-directory domains update NAME --add-region=REGION`.",
    "RH01": "Test it on a normal working day: `gcloud sql instances failover NAME`, or the runbook by hand; record manual tests under "
    "`drills:` in backstay.yaml.",
    "RH02": "Restore into a test instance (`gcloud sql backups restore ID --restore-instance=TEST`), validate the data, and record it "
    "under `drills:` with `kind: restore`; a restore without validation proves nothing.",
    "ST01": "Run `gcloud pubsub topics update NAME --message-retention-duration=7d`.",
    "ZN01": "Instance groups: a regional group, `gcloud compute instance-groups managed create NAME --region=REGION "
    "--zones=ZONES`; GKE: `gcloud container node-pools update NAME --cluster=CLUSTER --node-locations=ZONES`; others: use the "
    "`regional` form of the resource.",
    "ZN02": "Put stateless machines into a regional group (`gcloud compute instance-groups managed create NAME --region=REGION`); give "
    "a stateful machine a standby in another zone, with a regional disk.",
    "ZN03": "Raise the minimum: `gcloud compute instance-groups managed set-autoscaling NAME --min-num-replicas=3`, `gcloud run "
    "services update NAME --min-instances=3`.",
    "ZN04": "Add an instance group or network endpoint group of another zone: `gcloud compute backend-services add-backend NAME "
    "--instance-group=GROUP`.",
    "ZN05": "Spread the group behind it evenly: `gcloud compute instance-groups managed update NAME "
    "--target-distribution-shape=EVEN`.",
    "ZN08": "Cloud SQL: `gcloud sql instances patch NAME --availability-type=REGIONAL`; AlloyDB: `gcloud alloydb instances update NAME "
    "--availability-type=REGIONAL`; Bigtable: `gcloud bigtable clusters create NAME --zone=ZONE`; Filestore: the `REGIONAL` tier; "
    "others: use its `regional` form.",
    "ZN09": "Use the Standard tier, with a replica in another zone: `gcloud redis instances create NAME --tier=standard "
    "--replica-count=1`.",
    "ZN13": "Restore a snapshot into a regional disk: `gcloud compute disks create NAME --source-snapshot=SNAPSHOT --region=REGION "
    "--replica-zones=ZONE,ZONE`.",
    "ZN11": "Use a region, dual-region or multi-region with a standard class instead of a zonal bucket: `gcloud storage buckets create "
    "gs://NAME --location=REGION`.",
}
