"""The names of clouds, AWS regions and well-known SaaS, so that a mistyped one is noticed while backstay.yaml is read."""

import re
from collections.abc import Mapping

CLOUDS: Mapping[str, str] = {
    "aws": "Amazon Web Services",
    "azure": "Microsoft Azure",
    "gcp": "Google Cloud",
    "oci": "Oracle Cloud",
    "ibm": "IBM Cloud",
    "alibaba": "Alibaba Cloud",
    "cloudflare": "Cloudflare",
    "digitalocean": "DigitalOcean",
    "hetzner": "Hetzner",
    "linode": "Linode",
    "ovh": "OVHcloud",
    "scaleway": "Scaleway",
}

# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html; one that is newer than this list
# is accepted with a warning when it is made of the same words.
AWS_REGIONS = frozenset(
    """
    us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1
    eu-central-1 eu-central-2 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-south-1 eu-south-2
    ap-east-1 ap-east-2 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4
    ap-southeast-5 ap-southeast-6 ap-southeast-7 ap-northeast-1 ap-northeast-2 ap-northeast-3
    af-south-1 il-central-1 me-central-1 me-south-1 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1
    eusc-de-east-1
    """.split()  # noqa: SIM905 - names read best as words
)
AWS_REGION_SHAPE = re.compile(
    r"[a-z]{2,4}(-[a-z]{2,3})?-(north|south|east|west|central|(north|south)(east|west))-\d{1,2}"
)

# SaaS name -> the clouds that its loss has followed, by its vendor's own word or by an outage that took it down; empty
# where nothing dependable is published, or where only a part of it stands on one cloud. Sources: incident reports of
# Slack (2021-12-22), Google (2025-06-12), incident.io and Dixa (2025-10-20), Atlassian and Statuspage; PagerDuty's
# engineering blog.
SAAS: Mapping[str, tuple[str, ...]] = {
    "slack": ("aws",),
    "teams": ("azure",),
    "microsoft-365": ("azure",),
    "google-chat": ("gcp",),
    "google-workspace": ("gcp",),
    "firebase": ("gcp",),
    "discord": ("gcp",),
    "gitlab": ("gcp",),
    "incident.io": ("gcp",),
    "atlassian": ("aws",),
    "jira": ("aws",),
    "confluence": ("aws",),
    "bitbucket": ("aws",),
    "trello": ("aws",),
    "opsgenie": ("aws",),
    "statuspage": ("aws/us-west-2",),
    "pagerduty": ("aws/us-west-2",),
    "twilio": ("aws/us-east-1",),
    "sendgrid": ("aws",),
    "docker-hub": ("aws",),
} | dict.fromkeys(
    """
    1password adobe adyen airtable akamai algolia amplitude anthropic apple asana auth0 box braintree brevo bunny calendly
    canva checkout.com circleci clerk clickhouse-cloud cloudinary cockroachdb-cloud cohere coinbase confluent contentful
    databricks datadog dnsimple dropbox duo dynatrace elastic-cloud elevenlabs fastly figma fly.io github grafana-cloud
    groq heroku honeycomb hubspot huggingface influxdb-cloud intercom klarna lastpass launchdarkly linear mailchimp mailgun
    mandrill miro mistral mixpanel mollie mongodb-atlas neon netlify newrelic notion ns1 okta onelogin openai paypal
    perplexity pinecone plaid planetscale postmark railway recurly redis-cloud render salesforce segment sentry servicenow
    shopify snowflake snyk splunk-cloud square stripe sumologic supabase tailscale telnyx terraform-cloud travis-ci twitch
    upstash vercel vonage webex wise workos xai zapier zendesk zoom zscaler zuora
    """.split(),  # noqa: SIM905 - names read best as words
    (),
)
