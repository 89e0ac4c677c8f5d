"""Django's settings, all derived from the one typed configuration."""

import os

from dokuei.kit.config import django_database, load_config

CONFIG = load_config()
DOKUEI = CONFIG

SECRET_KEY = CONFIG.signing_key()
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the address is checked by hub.asgi, which knows every door
SECURE = CONFIG.base_url.startswith("https://")

ROOT_URLCONF = "dokuei.hub.urls"
ASGI_APPLICATION = "dokuei.hub.asgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "procrastinate.contrib.django",
    "dokuei.kit",
    "dokuei.audit",
    "dokuei.identity",
    "dokuei.patients",
    "dokuei.imaging",
    "dokuei.intake",
    "dokuei.priors",
    "dokuei.worklist",
    "dokuei.reporting",
    "dokuei.delivery",
    "dokuei.reconciliation",
    "dokuei.hub",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "dokuei.identity.middleware.ActorMiddleware",
]
APPEND_SLASH = False

ROLE = os.environ.get("DOKUEI_ROLE", "app")
"""Which database role this process is: "owner" only while migrating, else "app", which owns nothing."""
DATABASES = {"default": django_database(CONFIG.database(ROLE))}
if ROLE == "app":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # the pool hands out no connection a restart has broken
    # After an outage the next question connects; a pool that keeps trying waits longer each time, up to minutes.
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 16, "timeout": 10, "max_lifetime": 600, "reconnect_timeout": 3}
    }
else:
    DATABASES["default"]["OPTIONS"] = {"options": "-c lock_timeout=10s"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kit_cache"}}

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "dokuei.identity.allauth.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = CONFIG.elevation_minutes * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key", "login": "120/m/ip"}
MFA_ADAPTER = "dokuei.identity.allauth.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Dokuei"
MFA_TOTP_TOLERANCE = 1  # one step either way, for a phone's clock and the moment of typing (RFC 6238 5.2, 6)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # browsers allow it on localhost only
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/",
    "account_reset_password": "/sign-in",
    "account_reset_password_from_key": "/sign-in",
    "account_signup": "/sign-in",
}
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = CONFIG.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = SECURE
CSRF_TRUSTED_ORIGINS = [CONFIG.base_url]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 5000  # a study comes as one file an image
PROCRASTINATE_ON_APP_READY = None
LOGGING_CONFIG = None  # hub.logs configures logging for every process
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MIGRATION_MODULES: dict[str, str] = {}
