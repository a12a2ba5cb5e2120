"""The names of places on status pages: airports, cities, regions of clouds, and whose page uses which."""

# Airport codes that content networks and clouds name their sites by (https://www.cloudflarestatus.com,
# https://www.fastlystatus.com), as an alternation.
AIRPORTS = "|".join(
    """
    AAE ABJ ABQ ABV ACC ADB ADD ADL AGR AKL AKX ALA ALG AMD AMM AMS ANC ANR ARI ARN ARU ASK ASU ATH ATL AUS BAH BAQ BBI
    BCN BEG BEL BEY BGI BGR BGW BHX BHY BKK BLR BNA BNE BNU BOD BOG BOM BOS BRU BSB BSR BTS BUD BUF BWN CAI CAN CAW CBR
    CCP CCU CDG CEB CFC CGB CGD CGH CGK CGO CGP CGY CKG CLE CLT CMB CMH CMN CNF CNX COK COR CPH CPT CRK CUR CVG CWB CZL
    CZX DAC DAD DAR DEL DEN DFW DKR DLA DME DMM DOH DPS DTW DUB DUR DUS DXB EBB EBL EDI ENU ESB EVN EWR EZE FCO FIH FLL
    FLN FOC FOR FRA FRU FSD FUK FUO GBE GDL GEO GIG GND GOT GRU GUA GUM GVA GYD GYE GYN HAK HAM HAN HBA HEL HFA HFE HGH
    HKG HND HNL HRE HYD HYN IAD IAH ICN IND ISB ISL IST ISU ITJ IXC JAX JDO JED JHB JIB JKH JNB JOI JOG JSR KBP KEF KGL
    KHH KHI KHV KIN KIV KIX KJA KNU KTM KUL KWE KWI LAD LAS LAX LCA LCY LED LHE LHR LIM LIS LLK LLW LOS LPB LUN LUX LYS
    MAA MAD MAN MAO MBA MCI MCT MDE MDL MDW MEL MEM MEX MFE MFM MGM MIA MLE MLG MNL MPM MRS MRU MSP MSQ MUC MXP NAG NAT
    NBO NJF NNG NOU NQN NQZ NRT OKA OKC OMA ORD ORF ORK ORN ORY OSL OTP OUA PAT PBM PDX PER PHL PHX PIT PKX PMO PMW PNH
    POA POS PPT PRG PTY QRO QWJ RAO RDU REC RIC RIX RUH RUN SAN SAO SAP SAT SCL SDQ SEA SFO SGN SHA SIN SJC SJK SJO SJP
    SJU SKG SKP SLC SMF SOD SOF SSA STI STL STR SUV SVX SYD SZX TAO TAS TBS TGU TIA TLH TLL TLS TLV TNR TPA TPE TSN TUN
    TXL UDI UIO ULN VCP VIE VIX VNO VTE WAW WDH WLG WRO XAP XIY XNH YHZ YOW YTO YUL YVR YWG YXE YYC YYZ ZAG ZDM ZGN ZRH
    """.split()  # noqa: SIM905 - codes read best as words
)
READ_AS_WORDS = frozenset({"ADD", "BOT", "CAN", "COR", "ESB", "FOR", "GEO", "IND", "IST", "KIN", "LED", "MAN", "MGM", "OTP", "PAT",
                           "PER", "POS", "RUN", "SAN", "SAP", "SIN", "STI", "TLS", "TUN", "AUS", "MEM", "ASK", "SOD", "CAW", "NAT", "DAD",
                           "LOS"})  # fmt: skip
"""Codes that are also words, abbreviations of time zones, or terms of the trade: they need a place beside them."""
NEVER_NUMBERED = "TLS|SHA|NAT|SAN|SAP|POS|LED|GEO|CAN|RUN|ADD|FOR|BOT|PAT|DAD|ASK|MEM|SAT|COR|CRK|DEL|POA"
"""Codes that are something else with a number behind them: `TLS1`, `SHA1`."""
CITIES = "NYC|LON|TOR|SGP|PAR|MIL|FSN|NBG|SFO|RIC|CHI|DAL|TYO|OSA|STO|GRA|SBG|RBX|BHS"
"""City codes that clouds number (`nyc1`, `sgp1`, `fsn1`)."""

# Word in a provider's name, its page's title or its host -> whose names of regions it uses.
FAMILIES = {
    "digitalocean": "digitalocean",
    "hetzner": "hetzner",
    "ovhcloud": "ovh",
    "ovh": "ovh",
    "linode": "linode",
    "akamai": "linode",
    "vultr": "vultr",
    "scaleway": "scaleway",
    "exoscale": "exoscale",
    "flyio": "fly",
    "fly": "fly",
    "yandex": "yandex",
    "salesforce": "salesforce",
    "azure": "azure",
    "microsoft": "azure",
    "okta": "okta",
    "auth0": "auth0",
    "cloudflare": "cloudflare",
    "fastly": "fastly",
    "bunny": "bunny",
    "bunnynet": "bunny",
    "cachefly": "cachefly",
    "keycdn": "keycdn",
    "ibm": "ibm",
    "softlayer": "ibm",
    "oracle": "oracle",
    "oci": "oracle",
    "ocistatus": "oracle",
    "oraclecloud": "oracle",
    "alibaba": "alibaba",
    "alibabacloud": "alibaba",
    "aliyun": "alibaba",
    "tencent": "tencent",
    "tencentcloud": "tencent",
    "twilio": "twilio",
    "datadog": "datadog",
    "datadoghq": "datadog",
    "hubspot": "hubspot",
    "newrelic": "newrelic",
    "zendesk": "zendesk",
}

FLY = (
    "ams|arn|atl|bog|bom|bos|cdg|den|dfw|ewr|eze|fra|gdl|gig|gru|hkg|iad|jnb|lax|lhr|mad|mia|nrt|ord|otp|phx|qro|scl|sea|sin|sjc"
    "|syd|waw|yul|yyz"
)
"""https://fly.io/docs/reference/regions/."""
VULTR = "ams|atl|blr|bom|cdg|del|dfw|ewr|fra|hnl|icn|itm|jnb|lax|lhr|mad|man|mel|mex|mia|nrt|ord|sao|scl|sea|sgp|sjc|sto|syd|tlv|waw|yto"
"""https://api.vultr.com/v2/regions."""
LINODE = (
    r"us-(?:east|west|central|southeast|iad|ord|sea|mia|lax|den)(?:-\d)?|eu-(?:west|central)|ap-(?:south|west|northeast|southeast)"
    r"|ca-central|fr-par(?:-\d)?|nl-ams|se-sto|es-mad|it-mil|jp-(?:osa|tyo-\d)|in-(?:maa|bom-\d)|id-cgk|br-gru|gb-lon|de-fra-\d|sg-sin-\d"
    r"|au-mel"
)
"""https://api.linode.com/v4/regions."""
ORACLE = (
    "abudhabi|amsterdam|ashburn|batam|bogota|chicago|chuncheon|dubai|frankfurt|hyderabad|jeddah|jerusalem|johannesburg|london|luke|madrid"
    "|marseille|melbourne|milan|montreal|monterrey|mumbai|newport|osaka|paris|phoenix|queretaro|riyadh|sanjose|santiago|saopaulo|seoul"
    "|singapore|stockholm|sydney|tokyo|toronto|valparaiso|vinhedo|zurich|cardiff"
)
"""https://docs.oracle.com/iaas/Content/General/Concepts/regions.htm."""
EXOSCALE = r"(?:at-vie|bg-sof|ch-dk|ch-gva|de-fra|de-muc|hr-zag)-\d"
"""https://www.exoscale.com/datacenters/."""
UPCLOUD = "(?:au-syd|de-fra|dk-cph|es-mad|fi-hel|nl-ams|no-svg|pl-waw|se-sto|sg-sin|uk-lon|us-chi|us-nyc|us-sjo)[1-9]"
"""https://upcloud.com/data-centres/."""
ALIBABA = (
    "cn-(?:hangzhou|shanghai|beijing|shenzhen|qingdao|zhangjiakou|huhehaote|wulanchabu|heyuan|guangzhou|chengdu|nanjing|fuzhou"
    "|hongkong)"
)
"""https://www.alibabacloud.com/help/en/ecs/user-guide/regions-and-zones."""
AZURE_ID = (
    "(?:east|west|northcentral|southcentral|westcentral|central)us[23]?(?:euap)?|(?:north|west)europe|(?:south)?eastasia"
    "|(?:uk|france|germany|korea|japan|australia|brazil|canada|norway|sweden|switzerland|uae|italy|poland|israel|qatar|mexico|spain)"
    "(?:south|north|east|west|central)(?:east|west|central)?[2]?"
    "|(?:central|south|west|jio)india(?:central|west)?|newzealandnorth|southafrica(?:north|west)|usgov(?:virginia|arizona|texas)"
)
"""https://learn.microsoft.com/azure/reliability/regions-list, as written in commands."""

_COUNTRY = (
    "Asia|Australia|Austria|Belgium|Brazil|Canada|Chile|China|Europe|Finland|France|Germany|India|Indonesia|Israel|Italy|Japan"
    "|Korea|Malaysia|Mexico|New Zealand|Norway|Poland|Qatar|South Africa|Spain|Sweden|Switzerland|Taiwan|UAE|UK|US"
)
_SIDE = "North Central|South Central|West Central|Southeast|Northeast|Southwest|Northwest|North|South|East|West|Central"
AZURE_NAME = (
    rf"(?:{_SIDE}) (?:{_COUNTRY})(?: \d)?|(?:{_COUNTRY}) (?:{_SIDE})(?: \d)?|US (?:Gov|DoD) \w+"
    "|(?:east|west|northcentral|southcentral|westcentral|central)us[23]?|(?:north|west)europe|(?:south)?eastasia"
    "|(?:uk|jio|france|germany|korea|japan|australia|brazil|canada|norway|sweden|switzerland|uae)(?:south|north|east|west|central)(?:east|west)?2?"
)
"""Azure's regions as pages and interfaces write them (https://learn.microsoft.com/azure/reliability/regions-list)."""
# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
AMAZON_NAMES = {
    "us east (n. virginia)": "us-east-1",
    "us east (ohio)": "us-east-2",
    "us west (n. california)": "us-west-1",
    "us west (oregon)": "us-west-2",
    "canada (central)": "ca-central-1",
    "eu (ireland)": "eu-west-1",
    "europe (ireland)": "eu-west-1",
    "eu (london)": "eu-west-2",
    "europe (london)": "eu-west-2",
    "eu (paris)": "eu-west-3",
    "europe (paris)": "eu-west-3",
    "eu (frankfurt)": "eu-central-1",
    "europe (frankfurt)": "eu-central-1",
    "eu (stockholm)": "eu-north-1",
    "europe (stockholm)": "eu-north-1",
    "europe (milan)": "eu-south-1",
    "europe (spain)": "eu-south-2",
    "europe (zurich)": "eu-central-2",
    "asia pacific (tokyo)": "ap-northeast-1",
    "asia pacific (seoul)": "ap-northeast-2",
    "asia pacific (osaka)": "ap-northeast-3",
    "asia pacific (singapore)": "ap-southeast-1",
    "asia pacific (sydney)": "ap-southeast-2",
    "asia pacific (jakarta)": "ap-southeast-3",
    "asia pacific (melbourne)": "ap-southeast-4",
    "asia pacific (mumbai)": "ap-south-1",
    "asia pacific (hyderabad)": "ap-south-2",
    "asia pacific (hong kong)": "ap-east-1",
    "south america (sao paulo)": "sa-east-1",
    "south america (são paulo)": "sa-east-1",
    "africa (cape town)": "af-south-1",
    "middle east (bahrain)": "me-south-1",
    "middle east (uae)": "me-central-1",
    "israel (tel aviv)": "il-central-1",
}
