"""Settings from environment variables. docs/settings.md lists all of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from config.admin import theme
from config.env import (
    check_base_url,
    check_contacts,
    env,
    is_loopback,
    mail_password,
    parse_database,
    read_secret_key,
)
from config.files.private_files import keep_private
from config.version import VERSION

BASE_DIR = Path(__file__).resolve().parent.parent
_MOST_DAYS = 36_500


def _days(number: int) -> int:
    """Check a number of days; 0 means no limit."""
    if not 0 <= number <= _MOST_DAYS:
        msg = f"A TOKEN_..._DAYS setting is {number}. Use 0 (no limit) to {_MOST_DAYS}."
        raise ImproperlyConfigured(msg)
    return number


def _positive(number: int) -> int:
    if number < 1:
        msg = (
            "A LOGIN_..., SESSION_..., REAUTHENTICATION_..., MIRROR_...,"
            f" API_COUNT_LIMIT or EXPORT_RETENTION_DAYS setting is {number}."
            " Use 1 or more."
        )
        raise ImproperlyConfigured(msg)
    return number


def _not_negative(number: int) -> int:
    if number < 0:
        msg = (
            "ACTIVITY_RETENTION_DAYS, DISK_RESERVE_BYTES or an UPLOAD_QUOTA_... setting"
            f" is {number}. Use 0 or more."
        )
        raise ImproperlyConfigured(msg)
    return number


def _storage(
    backend: str, options: dict[str, Any] | None, folder: str
) -> dict[str, Any]:
    """Return an entry of `STORAGES`, with defaults for files and for S3.

    Without `max_memory_size`, S3Storage reads a whole file into memory.
    """
    if backend.startswith("storages.backends.s3"):
        options = {"max_memory_size": 10_000_000, **(options or {})}
    elif not options:
        options = {"location": DATA_DIR / folder, "file_permissions_mode": 0o600}
    return {"BACKEND": backend, "OPTIONS": options}


# The server ---------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = BASE_DIR / env.str("DATA_DIR", default="var")
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_private(DATA_DIR)
    SECRET_KEY = read_secret_key(DATA_DIR)
except OSError as error:
    msg = f"{error.filename}: {error.strerror}. Change DATA_DIR or SECRET_KEY_FILE."
    raise ImproperlyConfigured(msg) from error
BIND = env.str("BIND", default="127.0.0.1:3000")
BIND_IS_LOOPBACK = is_loopback(BIND)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Secure by default: a server that other machines can reach is assumed to use HTTPS.
HTTPS = env.bool("HTTPS", default=not BIND_IS_LOOPBACK)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

# Request bodies, as the web server receives them
BODY_IDLE_SECONDS = env.float("BODY_IDLE_SECONDS", default=10.0)
UPLOAD_IDLE_SECONDS = env.float("UPLOAD_IDLE_SECONDS", default=60.0)
BODIES_PER_ADDRESS = env.int("BODIES_PER_ADDRESS", default=32)

# Requests that wait for changes
WAITING_PER_USER = env.int("WAITING_PER_USER", default=1000)
WAITING_PER_PROCESS = env.int("WAITING_PER_PROCESS", default=2000)
RUN_ONCE = "accounts.services.idempotency.run_once"
EVENT_SOURCE = "imports_app.api.waiting.events.TimelineSource"
WATCHED_VERSIONS = "imports_app.api.waiting.versions.read_versions"

# The API ------------------------------------------------------------------------------

API_COUNT_LIMIT = _positive(env.int("API_COUNT_LIMIT", default=100))
RATE_LIMIT = env.str("RATE_LIMIT", default="120/60s")
CORS_ORIGINS = env.list("CORS_ORIGINS", default=[])

# Imports ------------------------------------------------------------------------------

UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=100_000_000)
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", default=10_000_000_000)
ARCHIVE_MAX_BYTES = env.int("ARCHIVE_MAX_BYTES", default=20_000_000_000)
ARCHIVE_MAX_ENTRY_BYTES = env.int("ARCHIVE_MAX_ENTRY_BYTES", default=512_000_000)
ARCHIVE_MAX_RATIO = env.int("ARCHIVE_MAX_RATIO", default=200)
ARCHIVE_MAX_ENTRIES = env.int("ARCHIVE_MAX_ENTRIES", default=300_000)
UPLOAD_QUOTA_BYTES = _not_negative(
    env.int("UPLOAD_QUOTA_BYTES", default=50_000_000_000)
)
UPLOAD_QUOTA_FILES = _not_negative(env.int("UPLOAD_QUOTA_FILES", default=200))
DISK_RESERVE_BYTES = _not_negative(env.int("DISK_RESERVE_BYTES", default=500_000_000))
PREPARE_WAIT_SECONDS = env.float("PREPARE_WAIT_SECONDS", default=5.0)
RETENTION_DAYS = env.int("RETENTION_DAYS", default=30)
EXPORT_RETENTION_DAYS = _positive(env.int("EXPORT_RETENTION_DAYS", default=7))
SECURITY_CONTACT = check_contacts(env.list("SECURITY_CONTACT", default=[]))
ACTIVITY_LOG_KEY = env.str("ACTIVITY_LOG_KEY", default="") or SECRET_KEY
ACTIVITY_LOG_KEY_FALLBACKS = env.list("ACTIVITY_LOG_KEY_FALLBACKS", default=[])
ACTIVITY_RETENTION_DAYS = _not_negative(env.int("ACTIVITY_RETENTION_DAYS", default=0))
DOWNLOAD_ALLOWED_HOSTS = env.list("DOWNLOAD_ALLOWED_HOSTS", default=[])
DOWNLOAD_MAX_BYTES = env.int("DOWNLOAD_MAX_BYTES", default=2_000_000_000)
DOWNLOAD_IDLE_SECONDS = env.float("DOWNLOAD_IDLE_SECONDS", default=30.0)
DOWNLOAD_SECONDS = env.float("DOWNLOAD_SECONDS", default=3600.0)
FILE_STORAGE = env.str(
    "FILE_STORAGE", default="django.core.files.storage.FileSystemStorage"
)
FILE_STORAGE_OPTIONS = env.json("FILE_STORAGE_OPTIONS", default=None)
UPLOAD_STORAGE = env.str("UPLOAD_STORAGE", default="")
UPLOAD_STORAGE_OPTIONS = env.json("UPLOAD_STORAGE_OPTIONS", default=None)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "imported": _storage(FILE_STORAGE, FILE_STORAGE_OPTIONS, "files"),
}
if UPLOAD_STORAGE:
    STORAGES["uploads"] = _storage(
        UPLOAD_STORAGE, UPLOAD_STORAGE_OPTIONS, "shared-uploads"
    )

# Notices ------------------------------------------------------------------------------

BASE_URL = check_base_url(env.str("BASE_URL", default=""))
MIRROR_SECONDS = _positive(env.int("MIRROR_SECONDS", default=60))
MIRROR_ACTIVE_SECONDS = _positive(env.int("MIRROR_ACTIVE_SECONDS", default=5))
SERVER_ALLOWED_HOSTS = env.list("SERVER_ALLOWED_HOSTS", default=[])
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
EMAIL_HOST = env.str("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = mail_password()
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    msg = "EMAIL_USE_TLS and EMAIL_USE_SSL are both on. Use one of them."
    raise ImproperlyConfigured(msg)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
)
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Import server <import-server@localhost>"
)

# Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "imports_app",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.admin.site.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_tasks",
    "django_tasks_db",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.http.page_headers.page_headers",
    "config.api.middleware.api_headers",
    "config.http.middleware.PagesSessionMiddleware",
    "config.http.middleware.HostCheckMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.http.middleware.PagesAuthenticationMiddleware",
    "config.server.admission.page_bodies",
    "config.http.middleware.PagesMessageMiddleware",
    "accounts.auth.middleware.second_factor_gate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"console": "config.admin.template_tags"},
        },
    },
]

# Database -----------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **parse_database(
            env.str(
                "DATABASE_URL", default=f"sqlite:///{quote(str(DATA_DIR))}/db.sqlite3"
            ),
            env.str("DATABASE_PASSWORD_FILE", default=""),
        ),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":
        DATABASES["default"]["NAME"] = BASE_DIR / DATABASES["default"]["NAME"]
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock at BEGIN, so that writers wait there; readers never wait.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA cache_size=-20000"
        ),
    }

# Background work ----------------------------------------------------------------------

TASK_BACKEND = env.str("TASK_BACKEND", default="db")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
if TASK_BACKEND not in ("db", "rq"):
    msg = f"TASK_BACKEND is {TASK_BACKEND!r}; set it to db or rq."
    raise ImproperlyConfigured(msg)
if TASK_BACKEND == "rq":
    INSTALLED_APPS += ["django_rq", "django_tasks_rq"]
    RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 7 * 24 * 3600}}
    RQ = {
        "JOB_CLASS": "django_tasks_rq.Job",
        "WORKER_CLASS": "imports_app.engine.background.redis_worker.RedisWorker",
    }
TASKS = {
    "default": {
        "BACKEND": {
            "db": "django_tasks_db.DatabaseBackend",
            "rq": "django_tasks_rq.RQBackend",
        }[TASK_BACKEND]
    }
}

# Users --------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RolePermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
TOTP_ENCRYPTION_KEY = env.str("TOTP_ENCRYPTION_KEY", default="") or SECRET_KEY
TWO_FACTOR_BY_PASSWORD = env.bool("TWO_FACTOR_BY_PASSWORD", default=False)
TOKEN_MAX_DAYS = _days(env.int("TOKEN_MAX_DAYS", default=0))
TOKEN_UNUSED_DAYS = _days(env.int("TOKEN_UNUSED_DAYS", default=0))
LOGIN_LIFETIME_DAYS = _positive(env.int("LOGIN_LIFETIME_DAYS", default=90))
LOGIN_FAILURE_LIMIT = _positive(env.int("LOGIN_FAILURE_LIMIT", default=10))
LOGIN_LOCKOUT_MINUTES = _positive(env.int("LOGIN_LOCKOUT_MINUTES", default=15))
LOGIN_ADDRESS_FAILURE_LIMIT = _positive(
    env.int("LOGIN_ADDRESS_FAILURE_LIMIT", default=50)
)
LOGIN_ACCOUNT_FAILURE_LIMIT = _positive(
    env.int("LOGIN_ACCOUNT_FAILURE_LIMIT", default=30)
)
LOGIN_HASHES_AT_ONCE = _positive(env.int("LOGIN_HASHES_AT_ONCE", default=4))
AXES_FAILURE_LIMIT = LOGIN_FAILURE_LIMIT
AXES_COOLOFF_TIME = timedelta(minutes=LOGIN_LOCKOUT_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # lockouts have a fixed end
AXES_USERNAME_CALLABLE = "accounts.auth.lockouts.account_name"
AXES_CLIENT_IP_CALLABLE = "config.http.client_addresses.client_network"
AXES_CLIENT_STR_CALLABLE = "accounts.auth.lockouts.describe_client"
AXES_LOCKOUT_CALLABLE = "accounts.auth.lockouts.locked_out"
AXES_SENSITIVE_PARAMETERS = [
    *("password", "resume", "code", "csrfmiddlewaretoken"),
    *("reauthentication-password", "reauthentication-code"),
]
AXES_DISABLE_ACCESS_LOG = True  # the activity log records logins
AXES_ENABLE_ADMIN = False  # replaced by accounts.admin.lockouts
AXES_VERBOSE = False
SESSION_IDLE_MINUTES = _positive(env.int("SESSION_IDLE_MINUTES", default=120))
SESSION_MAX_HOURS = _positive(env.int("SESSION_MAX_HOURS", default=14 * 24))
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 3600
REAUTHENTICATION_MINUTES = _positive(env.int("REAUTHENTICATION_MINUTES", default=15))
SESSION_ENGINE = "accounts.auth.session_store"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SILENCED_SYSTEM_CHECKS = [
    # Usernames are unique ignoring case, which the check doesn't detect.
    "auth.W004",
    # HSTS for subdomains and preloading are decisions of the domain's owner.
    "security.W005",
    "security.W021",
]

# Security -----------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
CSRF_COOKIE_HTTPONLY = True  # forms contain the token; scripts don't need the cookie
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if HTTPS:
    # Browsers accept cookies with this prefix only from this host.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only the pages of a new import and of decisions accept files in forms; the second
# handler takes the small files of decisions.
FILE_UPLOAD_HANDLERS = [
    "imports_app.admin.new_import.upload_handler.ImportFileHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]
PAGE_BODY_LIMIT = "imports_app.admin.new_import.upload_handler.body_limit"

# Language, time, files ----------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False  # there is one language, and looking up texts takes time on each page
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"  # Django's formats of a language precede settings
STATIC_URL = "static/"
# Static files are served from the packages; collectstatic is not needed.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600  # seconds
WHITENOISE_ALLOW_ALL_ORIGINS = False

# API and OpenAPI description ----------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.HeaderTokenAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.permissions.DeclaredPermission"],
    # Only for the OpenAPI description; config.api.envelope renders responses.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "config.api.docs.headers.HeaderSchema",
    "EXCEPTION_HANDLER": "config.api.exceptions.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Import server",
    "DESCRIPTION": "Self-hosted import server with Rocket.Chat's import API.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "persistAuthorization": False,
        "deepLinking": True,
        "docExpansion": "none",  # drawing all endpoints at once takes seconds
        "defaultModelsExpandDepth": 0,
        "validatorUrl": None,  # otherwise a badge from another server
    },
    "SCHEMA_PATH_PREFIX": "/api/(v1/)?",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.docs.refusals.describe_accepted_permissions",
    ],
}

# Admin theme --------------------------------------------------------------------------

UNFOLD = theme.UNFOLD

# Logging ------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {"client_errors": {"()": "config.http.log_filter.ClientErrors"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["client_errors"],
        }
    },
    "loggers": {"axes": {"level": "WARNING"}},  # otherwise a line per login
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
