"""What secrets look like: the formats that services document, as facts, and the names that announce a secret.

From the published rules of gitleaks (MIT), detect-secrets (Apache 2.0) and Nosey Parker (Apache 2.0), written anew:
each pattern looks at a place of a text a bounded number of times. docs/decisions/0011-secrets.md
"""

from __future__ import annotations

_UUID = r"[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}"
_W = "[A-Za-z0-9_-]"  # the letters of base64 for addresses
_A = "[A-Za-z0-9]"
_B = "[A-Za-z0-9+/]"
_X = "[a-fA-F0-9]"

ANY_KEY = "an API key"  # of many services
# Found wherever they stand alone in a word; the kind as the user reads it.
FORMATS = (
    ("an AWS key", r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16}"),
    ("an AWS key", rf"ABSK{_B}{{100,}}+={{0,2}}"),
    ("an AWS key", r"da2-[a-z0-9]{26}"),
    ("an Amazon MWS token", rf"amzn\.mws\.{_UUID}"),
    ("a GitHub token", rf"(?:gh[pousr]_{_A}{{30,}}+|github_pat_[A-Za-z0-9_]{{60,}}+)"),
    (
        "a GitLab token",
        rf"(?:gl(?:pat|dt|rt|ptt|ft|imt|oas|soat|cbt|agent|ffct)-{_W}{{20,}}+|GR1348941{_W}{{20,}}+)",
    ),
    ("an Anthropic key", rf"sk-ant-{_W}{{8,}}+"),
    (ANY_KEY, rf"sk-(?!ecdsa|ssh)(?:(?:proj|svcacct|admin|or|live|test|v\d)-)*+{_W}{{16,}}+"),
    ("a Google key", rf"AIza{_W}{{35}}"),
    ("a Google token", rf"(?:ya29\.{_W}{{20,}}+|GOCSPX-{_W}{{28}}|1//0{_W}{{40,}}+)"),
    ("a Slack token", rf"(?:xox[abcdeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{{10,}}+|xapp-{_B}[A-Za-z0-9/+-]{{20,}}+)"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_]{40,}+"),
    (
        "a Teams webhook",
        rf"{_A}[A-Za-z0-9.-]{{0,80}}+/webhook{_A}{{0,2}}/{_UUID}@{_UUID}/[A-Za-z]{{1,40}}/{_X}{{32}}/{_UUID}",
    ),
    ("a Discord webhook", rf"discord(?:app)?\.com/api/webhooks/\d{{15,22}}/{_W}{{50,}}+"),
    ("a Discord token", rf"[MNO]{_W}{{23,25}}+\.{_W}{{6}}\.{_W}{{27,}}+"),
    ("a Telegram token", rf"\d{{6,16}}:AA{_W}{{32,34}}"),
    ("a Stripe key", rf"(?:sk|rk)_(?:live|test|prod)_{_A}{{10,}}+"),
    ("a Stripe secret", rf"whsec_{_A}{{24,}}+"),
    ("a Square token", rf"(?:sq0(?:atp|csp|atb)-{_W}{{22,}}+|EAAA{_W}{{60}})"),
    ("a Shopify token", rf"shp(?:ss|at|ca|pa)_{_X}{{32}}"),
    ("a DigitalOcean token", rf"do[opr]_v1_{_X}{{64}}"),
    ("an npm token", rf"npm_{_A}{{36}}"),
    ("a PyPI token", rf"pypi-{_W}{{50,}}+"),
    ("a RubyGems key", rf"rubygems_{_X}{{48}}"),
    ("a crates.io token", rf"cio{_A}{{32}}"),
    ("a NuGet key", r"oy2[a-z0-9]{43}"),
    ("a Clojars token", r"CLOJARS_[a-z0-9]{60}"),
    ("a Docker token", rf"dckr_(?:pat|oat)_{_W}{{27,}}+"),
    ("a Hugging Face token", rf"(?:hf_{_A}{{34}}|api_org_{_A}{{34}})"),
    ("a Groq key", rf"gsk_{_A}{{50,54}}"),
    ("an xAI key", rf"xai-{_W}{{70,}}+"),
    ("a Replicate token", rf"r8_{_A}{{37,40}}"),
    ("a Perplexity key", rf"pplx-{_A}{{40,}}+"),
    ("a Vault token", rf"hv[sbr]\.{_W}{{24,}}+"),
    ("a Vault token", r"[sbr]\.(?=[A-Za-z0-9]{0,20}\d)[A-Za-z0-9]{24,26}"),
    ("a Doppler token", rf"dp\.(?:ct|pt|st|sa|scim|audit)\.(?:[a-z0-9_-]{{2,35}}+\.)?{_A}{{40,44}}"),
    ("a Dropbox token", rf"sl\.{_W}{{100,}}+"),
    ("a Dynatrace token", r"dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("a Databricks token", r"dapi[a-f0-9]{32}(?:-\d{1,3})?"),
    ("an Atlassian token", rf"ATATT3{_W}{{20,250}}+={_X}{{8}}"),
    ("a Bitbucket token", rf"(?:ATBB{_A}{{32}}|BBDC-[A-Za-z0-9+/=]{{32,}}+)"),
    ("an Artifactory key", rf"(?:AKCp{_A}{{68,70}}|cmVmd{_A}{{59}})"),
    (
        "a Grafana token",
        rf"(?:glc_[A-Za-z0-9+/]{{32,}}+={{0,2}}|glsa_{_A}{{32}}_{_X}{{8}}|eyJrIjoi{_A}{{60,}}+={{0,2}})",
    ),
    ("a New Relic key", rf"(?:NRAK-[A-Z0-9]{{27}}|NRAA-{_X}{{27}}|NRI[IQ]-{_W}{{32}}|NRRA-{_X}{{42}}|NRJS-{_X}{{19}})"),
    ("a New Relic key", r"[a-z0-9]{6}[a-f0-9]{30}(?:NRAL|nral)"),
    ("a Pixie key", rf"px-(?:api|dep)-{_UUID}"),
    ("a Twilio key", r"(?:SK|AC)[a-f0-9]{32}"),
    ("a SendGrid key", rf"SG\.{_W}{{16,32}}+\.{_W}{{32,}}+"),
    ("a Brevo key", rf"xkeysib-{_X}{{64}}-{_A}{{16}}"),
    ("a Mailgun key", r"key-[a-f0-9]{32}"),
    ("a Mailchimp key", r"[a-f0-9]{32}-us\d{1,3}"),
    ("a Mapbox token", r"sk\.eyJ[A-Za-z0-9+/=_-]{20,160}+\.[A-Za-z0-9+/=_-]{20,}+"),
    ("a Postman key", rf"(?:PMAK-{_X}{{24}}-{_X}{{34}}|PMAT-{_A}{{26}})"),
    ("a Facebook token", rf"EAACEdEose0cBA{_A}{{20,}}+"),
    ("a Salesforce token", rf"00{_A}{{13}}![A-Za-z0-9._]{{90,}}+"),
    ("a fly.io token", rf"(?:fo1_{_W}{{43}}|fm[12][ar]?_{_B}{{60,}}+={{0,3}})"),
    ("a 1Password key", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    ("a 1Password token", rf"ops_eyJ{_B}{{100,}}+={{0,3}}"),
    ("an age key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("an Adafruit key", rf"aio_{_A}{{28}}"),
    ("an Azure secret", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("an Airtable token", rf"pat{_A}{{14}}\.{_X}{{64}}"),
    ("a Linear key", rf"lin_(?:api|oauth)_{_A}{{32,}}+"),
    ("a Notion token", rf"(?:ntn_{_A}{{40,}}+|secret_{_A}{{43}})"),
    ("a Figma token", rf"fig[duor]_{_W}{{40,}}+"),
    ("a Supabase key", rf"(?:sbp_[a-z0-9]{{40}}|sb_secret_{_W}{{31}})"),
    ("a Sentry token", rf"(?:sntryu_{_X}{{64}}|sntrys_eyJ[A-Za-z0-9+/=_]{{60,}}+)"),
    ("a Tailscale key", rf"tskey-(?:api|auth|client|scim|webhook)-{_W}{{20,}}+"),
    ("a Buildkite token", rf"bk(?:ua|pt|ct|ar|aa)_{_W}{{40,}}+"),
    ("a CircleCI token", rf"CCIP(?:AT|RJ)_{_A}{{22}}_{_X}{{40}}"),
    ("a Heroku key", rf"HRKU-{_W}{{30,}}+"),
    ("a Cloudflare key", rf"v1\.0-{_X}{{24}}-{_X}{{146}}"),
    ("a Vercel token", rf"vc[kaircp]_{_W}{{56}}"),
    ("an Alibaba key", rf"LTAI{_A}{{17,21}}"),
    ("a PlanetScale token", rf"pscale_(?:tkn|pw|oauth)_{_W}{{32,}}+"),
    ("a Pulumi token", r"pul-[a-f0-9]{40}"),
    ("a Sourcegraph token", rf"sgp_(?:(?:{_X}{{16}}|local)_)?{_X}{{40}}"),
    ("a SonarQube token", r"sq[uap]_[a-z0-9]{40}"),
    ("a TrueNAS key", rf"\d{{1,3}}-{_A}{{64}}"),
    ("a JSON web token", rf"(?<![_-])ey[A-Za-z0-9]{_W}{{12,4000}}+\.ey{_W}{{12,4000}}+\.{_W}{{12,}}+"),
    ("a private key", rf"LS0tLS1CRUdJTi{_B}{{0,24}}(?:UFJJVkFURSBLRVk|QUklWQVRFIEtFWS|BSSVZBVEUgS0VZL){_B}{{50,}}+"),
)

# Words in a name that announce a secret, in small letters. One of `BEFORE_KEY` comes before `key`.
ANNOUNCES = (
    r"(passw(?:or)?d|passphrase|passwort|pwd|pass)|(authorization)"
    r"|(?:secret|token|credential|key|licen[sc]e|crumb|sonar[._-]?login|pat|auth)"
)
WHOLE = ("pass", "pat", "auth", "license", "licence")  # no part of a longer word
NOT_BEFORE = tuple("public primary foreign sort cache partition hot dict object group lookup page".split())
BEFORE_KEY = tuple(
    (
        "api access account private preshared shared encryption signing license licence master service auth app"
        " consumer client storage subscription server deploy admin user bot session secret aws github io"
        " developer query insert"
    ).split()
)
# What such a name goes on with when it is of something else.
NOT_TAILS = (
    "url uri file path name type len size count expir hash regex pattern format class field label izer ize kens board"
    " word_ public endpoint version prefix suffix limit usage index column param header error message title help hint"
).split()
# What is found in a secret's place and is none.
PLACEHOLDERS = (
    "example placeholder changeme change_me your replace redacted hidden dummy fake sample xxxx **** .... <<< todo none"
    " null true false undefined string required optional default password passwd secret token"
).split()
