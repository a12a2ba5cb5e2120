"""Remediations with the commands of Azure."""

from collections.abc import Mapping

_LOCK = "`az lock create --lock-type CanNotDelete --name keep --resource ID`"
_ALERT = "`az monitor metrics alert create --name NAME --scopes ID --condition CONDITION --action GROUP`"

AZURE: Mapping[str, str] = {
    "AU01": f"Put a delete lock on it: {_LOCK}.",
    "AU02": f"Put a delete lock on it: {_LOCK}.",
    "AU03": "Run `az stack group create --name NAME --resource-group GROUP --deny-settings-mode denyDelete`.",
    "AU10": "Run `az keyvault key recover --vault-name VAULT --name KEY`, then `az keyvault key set-attributes --vault-name VAULT "
    "--name KEY --enabled true`.",
    "AU11": f"Put a delete lock on it: {_LOCK}.",
    "AU12": "Run `az keyvault update --name VAULT --enable-purge-protection true`; it cannot be switched off again.",
    "BK01": "Cosmos DB: `az cosmosdb update --backup-policy-type Continuous`; PostgreSQL: `az postgres flexible-server update "
    "--backup-retention 14`; File shares: `az backup protection enable-for-azurefileshare`; others: `az dataprotection "
    "backup-instance create` in a daily policy.",
    "BK02": "Cosmos DB: `az cosmosdb update --backup-policy-type Continuous`; SQL Database: `az sql db str-policy set --retention-days "
    "14 --diffbackup-hours 12`; others: a policy that backs up more often than the `RPO`.",
    "BK03": "SQL Database: `az sql db str-policy set --retention-days 14`; Managed Instance: `az sql midb short-term-retention-policy "
    "set --retention-days 14`; PostgreSQL: `az postgres flexible-server update --backup-retention 14`; MySQL: `az mysql "
    "flexible-server update --backup-retention 14`; others: a `retention` of 14 days.",
    "BK04": "SQL Database: `az sql db update --backup-storage-redundancy Geo`; Cosmos DB: `az cosmosdb update --backup-redundancy "
    "Geo`; PostgreSQL and MySQL: `--geo-redundant-backup Enabled` at creation; others: `az backup vault backup-properties set "
    "--backup-storage-redundancy GeoRedundant --cross-region-restore-flag true`.",
    "BK05": "Lock the vault as immutable: `az backup vault update --name VAULT --immutability-state Locked` (a Backup vault: `az "
    "dataprotection backup-vault update --immutability-state Locked`).",
    "BK06": "Run `az backup protection enable-for-vm --vault-name VAULT --vm VM --policy-name POLICY`, or back up the disk alone: `az "
    "dataprotection backup-instance create`.",
    "BK07": "Enable versioning or soft delete: `az storage account blob-service-properties update --account-name NAME "
    "--enable-versioning true --enable-delete-retention true --delete-retention-days 14`, with a lifecycle rule that expires old "
    "versions.",
    "BK08": "Run `az redis update --name NAME --set redisConfiguration.rdb-backup-enabled=true` (Premium), or let the cache evict: "
    "`maxmemory-policy`.",
    "CA01": "Cosmos DB: `az cosmosdb sql container throughput migrate --throughput-type autoscale`; Event Hubs: `az eventhubs "
    "namespace update --enable-auto-inflate true --maximum-throughput-units 20`; others: enable `autoscaling`.",
    "CA02": "PostgreSQL: `az postgres flexible-server update --storage-auto-grow Enabled`; MySQL: `az mysql flexible-server update "
    "--auto-grow Enabled`; others: enable `auto-grow`.",
    "CA03": "Raise the maximum to at least the usual number times AZs / (AZs - 1): `az monitor autoscale update --max-count N`, `az "
    "aks nodepool update --update-cluster-autoscaler --max-count N`, `az containerapp update --max-replicas N`.",
    "CA04": "Request an increase weeks before it is needed: `az quota update --resource-name NAME --scope SCOPE --limit-object "
    "value=N`.",
    "CA05": "Raise it to the home region's value: `az quota update --resource-name NAME --scope SCOPE --limit-object value=N`.",
    "CA06": "Run `az network vnet subnet update --name NAME --vnet-name NETWORK --address-prefixes PREFIX` with a wider prefix.",
    "CA07": "Set the same maximum in each region, best from one template parameter: `az monitor autoscale update --max-count N`.",
    "CA08": "Use a flexible scale set with an instance mix: several sizes in `skuProfile.vmSizes`.",
    "CA09": "Run `az servicebus queue update --name NAME --enable-dead-lettering-on-message-expiration true --max-delivery-count 5`.",
    "CA10": "Set `maxRetryCount` and a poison or dead-letter queue on the function's trigger.",
    "CA11": "Run `az servicebus queue update --name NAME --default-message-time-to-live P4D`.",
    "CA12": "Run `az vmss update --name NAME --enable-spot-restore true --spot-restore-timeout PT1H`.",
    "CN02": "Deploy the firewall over zones: `az network firewall create --name NAME --zones 1 2 3`.",
    "CN05": "Configure a tunnel to both instances of the gateway, and check them with `az network vpn-connection show --name NAME "
    "--query connectionStatus`.",
    "CN06": "Declare a second device and connect it: `az network local-gateway create`, `az network vpn-connection create`.",
    "CN07": "Order a second circuit, or add a VPN gateway as backup: `az network express-route create`, `az network vnet-gateway "
    "create --gateway-type Vpn`.",
    "CN08": "Order the second circuit in another location: `az network express-route create --peering-location LOCATION`.",
    "CN11": f"Put a delete lock on it: {_LOCK}.",
    "CP02": "Route by Traffic Manager, which follows its health checks: `az network traffic-manager profile create --routing-method "
    "Priority`.",
    "CP03": "Create the dependency in the other region too and declare it (`depends_on: [{on: azure/westeurope/sql, fallback: "
    "azure/northeurope/sql}]` in backstay.yaml), or make it a soft dependency (`soft: true`).",
    "CP04": "Create it now, from the same template: `az network application-gateway create --location REGION` or `az network lb "
    "create --location REGION`.",
    "DN01": "Run `az network dns record-set a update --name NAME --zone-name ZONE --set ttl=60`; Traffic Manager: `az network "
    "traffic-manager profile update --name NAME --ttl 60`.",
    "DN02": "Give the profile a health check: `az network traffic-manager profile update --name NAME --protocol HTTPS --port 443 "
    "--path /health`.",
    "DN03": "Set at the registrar the name servers that `az network dns zone show --name ZONE --query nameServers` prints.",
    "DN04": "Set `autoRenew: true` on the App Service domain, and renew it now.",
    "DN06": "Use an alias record to a zone-redundant address or to Traffic Manager: `az network dns record-set a create "
    "--name NAME --zone-name ZONE --target-resource ID`.",
    "DN07": "Use a certificate that renews automatically: `az webapp config ssl create --hostname NAME` (App Service), or a Key Vault "
    "certificate of an integrated authority with the lifetime action `AutoRenew`; import one of your own with `az keyvault "
    "certificate import`.",
    "FO01": "SQL Database: `az sql failover-group update --name NAME --server SERVER --failover-policy Automatic`; Cosmos DB: `az "
    "cosmosdb update --enable-automatic-failover true`; PostgreSQL: `az postgres flexible-server update --high-availability "
    "ZoneRedundant`; others: enable automatic `failover`.",
    "FO02": "Give the profile a primary and a secondary endpoint: `az network traffic-manager endpoint create --profile-name NAME "
    "--priority 2`.",
    "FO03": "Run `az network traffic-manager profile update --name NAME --interval 10 --timeout 5 --max-failures 3`.",
    "FO04": "Run `az network traffic-manager endpoint update --name NAME --profile-name PROFILE --endpoint-status Enabled`.",
    "FO05": "Use a global profile with origins in both regions (`az afd origin create`), or Traffic Manager: `az network traffic-manager "
    "profile create --routing-method Priority`.",
    "FO07": "Keep the capacity of the first minutes running: `az vmss scale --name NAME --new-capacity N`, or `az containerapp update "
    "--min-replicas N`.",
    "FO08": "Add a second origin to the origin group: `az afd origin create --origin-group-name GROUP --priority 2`.",
    "FO09": "Run `az vmss update --name NAME --enable-automatic-repairs true`, with a health probe or the health extension.",
    "FO10": "Resume them: `az vmss set-orchestration-service-state --service-name AutomaticRepairs --action Resume`.",
    "OB01": f"Create an alert on 5xx responses, such as `total Http5xx > 5`: {_ALERT}.",
    "OB02": f"Create an alert on the response time: {_ALERT}.",
    "OB03": f"Create an alert on CPU, memory or queue length: {_ALERT}.",
    "OB04": f"Create an alert on the datastore's CPU, free storage and failed connections: {_ALERT}.",
    "OB05": "Run `az monitor metrics alert update --name NAME --enabled true`; delete alerts that are not needed.",
    "OB06": "Run `az servicebus topic subscription create --topic-name TOPIC --name NAME`.",
    "OB07": "Create an availability test, which checks from several regions: `az monitor app-insights web-test create`.",
    "OB08": "Install the Azure Monitor agent with a data collection rule that samples every `60s`.",
    "OB09": "Run `az monitor metrics alert update --name NAME --add-action GROUP`.",
    "OB10": "Send the workflow's logs to a workspace: `az monitor diagnostic-settings create --resource ID --workspace WORKSPACE "
    "--logs CATEGORIES`.",
    "PO01": "Upgrade after the tests pass: `az aks upgrade --kubernetes-version VERSION`, `az functionapp config set "
    "--linux-fx-version RUNTIME`, `az webapp config set --linux-fx-version RUNTIME`.",
    "PO03": "Generate Terraform from existing resources (`aztfexport resource-group GROUP`); with Terraform or Pulumi attest "
    "`infrastructure_as_code` in backstay.yaml with a link to the repository.",
    "PR05": "Give each action a `retryPolicy` of type `exponential`, and a scope that handles its errors (`runAfter: Failed`).",
    "RG01": "Deploy the stack to a second region (`az deployment group create --template-file main.bicep` in a resource group there, or "
    "the same Terraform module) behind `az afd` or Traffic Manager; declare what no collector can see under `deployments:` in "
    "backstay.yaml.",
    "RG02": "SQL Database: `az sql failover-group create`; Managed Instance: `az sql instance-failover-group create`; Cosmos DB: `az "
    "cosmosdb update --locations`; PostgreSQL: `az postgres flexible-server replica create --location REGION`; MySQL: `az mysql "
    "flexible-server replica create`; others: add `geo-replication`.",
    "RG03": "Run `az storage account update --name NAME --sku Standard_GZRS`, or replicate to an account in another region: `az storage "
    "account or-policy create`.",
    "RG04": "Keep the secret in a vault of each region: `az keyvault secret set --vault-name VAULT --name NAME`.",
    "RG06": "Add a replica set in a second region to the managed domain (`replicaSets`).",
    "RH01": "Test it on a normal working day: `az sql failover-group set-primary`, `az cosmosdb failover-priority-change`, a test "
    "failover of Site Recovery, or the runbook by hand; record manual tests under `drills:` in backstay.yaml.",
    "RH02": "Restore into a test resource (`az sql db restore`, `az backup restore restore-disks`), validate the data, and record it "
    "under `drills:` with `kind: restore`; a restore without validation proves nothing.",
    "RH04": "Start a Chaos Studio experiment: `az rest --method post --uri EXPERIMENT/start?api-version=2024-01-01`.",
    "RH05": "Run a Chaos Studio experiment that shuts down a scale set with a `zone` filter, and record it under `drills:` in "
    "backstay.yaml.",
    "ST01": "Run `az eventhubs eventhub update --name NAME --namespace-name NAMESPACE --cleanup-policy Delete --retention-time 168`.",
    "ZN01": "Scale sets: `az vmss update --name NAME --zones 1 2 3`; AKS: `az aks nodepool add --zones 1 2 3`; Container Apps: an "
    "environment of `az containerapp env create --zone-redundant`; App Service: `az appservice plan create --zone-redundant "
    "--number-of-workers 2`; others: a `zone-redundant` tier.",
    "ZN02": "Put stateless machines into a flexible scale set over three zones (`az vmss create --orchestration-mode Flexible --zones 1 "
    "2 3`); give a stateful machine a standby in another zone.",
    "ZN03": "Raise the minimum: `az vmss scale --name NAME --new-capacity 3`, `az containerapp update --min-replicas 3`.",
    "ZN04": "Load Balancer: `az network lb frontend-ip create --zone 1 2 3` with a Standard address; Application Gateway: `az network "
    "application-gateway create --sku Standard_v2 --zones 1 2 3`.",
    "ZN07": "Create a NAT gateway in each zone (`az network nat gateway create --zone 1`) and give each zone's subnet its own: `az "
    "network vnet subnet update --nat-gateway ID`.",
    "ZN08": "SQL Database: `az sql db update --zone-redundant true`; Managed Instance: `az sql mi update --zone-redundant true`; "
    "PostgreSQL: `az postgres flexible-server update --high-availability ZoneRedundant`; MySQL: the same with `az mysql "
    "flexible-server update`; Cosmos DB: `isZoneRedundant=true` of each region; others: a `zone-redundant` tier.",
    "ZN09": "Run `az redis update --name NAME --set zones=1,2,3` (Premium), or use Azure Managed Redis with `--high-availability "
    "Enabled`.",
    "ZN10": "Run `az search service update --name NAME --replica-count 3` in a region with availability zones.",
    "ZN12": "Use the Premium tier and name several zones of the service: `sku.name: Premium`, `zones: ['1', '2', '3']`.",
    "ZN13": "Restore a snapshot into a zone-redundant disk: `az disk create --name NAME --source SNAPSHOT --sku Premium_ZRS`.",
    "ZN11": "Run `az storage account migration start --account-name NAME --sku Standard_ZRS` (or Standard_GZRS).",
}
