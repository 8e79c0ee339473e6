"""What is a secret: by its name, by its shape, in variables, command lines and free text."""

from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.secrecy import in_text, in_variable, in_words, shapes, suspects

SECRETS = """
DB_PASSWORD=hunter2
POSTGRES_PASSWORD=changeme
MONGO_PASSWORD=admin
PGPASSWORD=s3cr3t
REDIS_PASS=hunter2
ROOT_PWD=hunter2
SMTP_PASSWORD=p@ss w0rd
SMTP_PASSWORD_PROD=90210713
SECRET_KEY=a-very-long-secret
DJANGO_SECRET_KEY=django-insecure-abcdefghijklmnopqrstuvwxyz123456
AIRFLOW__CORE__FERNET_KEY=cmFuZG9tcmFuZG9tcmFuZG9tcmFuZG9tcmFuZG9tcmE=
API_KEY=9f8a7s6d5f4
openaiApiKey=sk-abcdefghijklmnopqrst1234
spring.datasource.password=hunter2
JWT_SECRET=my-jwt-secret
SESSION_SECRET=keyboard-cat
CLIENT_SECRET=abcdef12345
VAULT_TOKEN=s.abcdefgh12345678
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7ABCDEFG
DATABASE_URL=postgres://shop:hunter2@db/shop
DATABASE_URL=postgres://shop:p$w@db/shop
CELERY_BROKER_URL=amqp://guest:guest@rabbit:5672//
REDIS_URL=redis://:hunter2@redis:6379/0
JDBC_URL=jdbc:mysql://db/shop?user=root&password=hunter2
CONNECTION=Server=db;User Id=sa;Password=Str0ng!;
ANYTHING=ghp_abcdefghijklmnopqrstuvwxyz0123456789
ANYTHING=glpat-abcdefghijklmnopqrst
ANYTHING=xoxb-123456789012-abcdefghij
ANYTHING=AIzaSyA1234567890abcdefghijklmnopqrstuv
ANYTHING=hf_abcdefghijklmnopqrstuvwxyz0123456789
ANYTHING=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U
ANYTHING=kJ8fhQ2mZx7LpR4tVw9YbN3cD6gS1aUe0iOq
""".strip().splitlines()

OTHERS = """
DB_PASSWORD=
DB_PASSWORD=$(OTHER)
DB_PASSWORD=${DB_PASSWORD}
DB_PASSWORD=$DB_PASSWORD
DB_PASSWORD={{ .Values.password }}
DB_PASSWORD=<password>
DB_PASSWORD=%DB_PASSWORD%
DB_PASSWORD=arn:aws:secretsmanager:eu-west-1:1:secret:db
DB_PASSWORD=vault:secret/data/db#password
DB_PASSWORD=/run/secrets/db
DB_PASSWORD=argon2:$argon2id$v=19$m=10240
PASSWORD_FILE=/run/secrets/db
PASSWORD_MIN_LENGTH=12
PASSWORD_HASHERS=django.contrib.auth.hashers.Argon2PasswordHasher
PASSWORD_RESET_TIMEOUT=600
ALLOW_EMPTY_PASSWORD=yes
SECRET_KEY=projects/1/secrets/key/versions/latest
SECRET_NAME=db
DB_SECRET=rds-credentials
TLS_SECRET=web-tls
IMAGE_PULL_SECRET=regcred
AIRFLOW__API__SECRET_KEY_CMD=cat /opt/secret-key
HF_TOKEN=<input your hf token, if needed>
HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
HF_TOKEN=MY_HF_TOKEN
API_KEY=your-api-key
API_KEY=YOUR_API_KEY
API_KEY=xxxxxxxx
API_KEY=REPLACE_ME
OPENAI_API_KEY=EMPTY
OPENAI_API_KEY=dummy
TOKEN_TTL=3600
TOKEN_URL=https://auth.example.com/token
MAX_TOKENS=4096
MAX_TOKEN=4096
EOS_TOKEN=</s>
TOKENIZERS_PARALLELISM=false
CSRF_COOKIE_SECURE=True
API_KEY_HEADER=X-Api-Key
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
CACHE_KEY=orders
PRIMARY_KEY=id
JWT_PUBLIC_KEY=abcdefgh1234
PWD=/app
SENTRY_DSN=https://abcdef0123456789@o1.ingest.sentry.io/12
DATABASE_URL=postgres://shop:$(PASSWORD)@db/shop
DATABASE_URL=postgres://shop:${PASSWORD}@db/shop
DATABASE_URL=postgres://db/shop
REDIS_URL=redis://redis:6379/0
GIT_SHA=9fceb02d0ae598e95dc970b74767f19372d61af8
BUILD_ID=123e4567-e89b-12d3-a456-426614174000
YAML_BASE64=aHR0cHM6Ly9leGFtcGxlLmNvbS9hL2IvYy9kL2UvZi9nL2g=
MODEL=meta-llama/Llama-3.1-8B-Instruct
JAVA_OPTS=-Xmx512m -Dfile.encoding=UTF-8
IMAGE=registry.example.com/shop/web@sha256:6b2c94d9a0d6b9c9d8e7c6b5a4938271605f4e3d2c1b0a998877665544332211
KEY=value
API_KEY=ApiKey
TEST_SECRET=secret-inject@azurekeyvault
HASHED_PASSWORD=4972cdcd065d9df443a8422c5a899d49be5b7b1e123ca9ff0663dbc8f461bf67
ETCD_INITIAL_CLUSTER_TOKEN=shop-etcd
JWT_SECRET=ENV_JWT_SECRET
LIGHTSTEP_ACCESS_TOKEN=???
GITHUB_TOKEN_SECRET=$(params.github-token-secret)
FATSECRET_CLIENT_SECRET=placeholder_secret
HEKETI_KUBE_USE_SECRET=y
API_SERVER_SECRET=/secrets/api-shared-secret
""".strip().splitlines()

TEXTS = {
    "export DB_PASSWORD=hunter2; gunicorn app:app": ["hunter2"],
    "DB_PASSWORD='hunter 2' gunicorn app:app": ["hunter 2"],
    "serve --password hunter2 --port 80": ["hunter2"],
    "serve --api-key=hunter2 --port 80": ["hunter2"],
    "curl -u admin:hunter2 http://shop/stop": ["hunter2"],
    "mysqladmin ping -phunter2": ["hunter2"],
    "redis-cli -a hunter2 ping": ["hunter2"],
    'curl -H "Authorization: Bearer hunter2" http://shop': ["Bearer hunter2", "hunter2"],
    '{"password": "hunter2", "user": "shop"}': ["hunter2"],
    "password: hunter2\nuser: shop\n": ["hunter2"],
    "export DB_PASSWORD=$(cat /run/secrets/db); gunicorn app:app": [],
    'export DB_PASSWORD="$(< $DB_PASSWORD_FILE)"': [],
    "connect(password=password, token=token)": [],
    'token = os.environ["HF_TOKEN"]': [],
    "login(token=os.environ.get(name))": [],
    "def connect(password: str, token: Optional[str] = None):": [],
    "serve --token-ttl 3600 --password-file /run/secrets/db": [],
    "openssl rand -hex 16 > /run/secrets/key": [],
    "the secret is kept elsewhere, ask for a token": [],
}


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_recognised(line: str) -> None:
    """By its name, or under any name by its shape; a default password is one, too."""
    name, _, value = line.partition("=")
    found = in_variable(name, value)
    assert found is not None
    assert found.value in value


@pytest.mark.parametrize("line", OTHERS)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    """References, placeholders, switches, sizes, paths, digests, and names that only contain a secret's word."""
    name, _, value = line.partition("=")
    assert in_variable(name, value) is None


def test_randomness_alone_is_a_doubt() -> None:
    """A value may be random and no secret."""
    found = in_variable("ANYTHING", "kJ8fhQ2mZx7LpR4tVw9YbN3cD6gS1aUe0iOq")
    assert found is not None
    assert found.doubt == "it looks like a key by its randomness alone"


@given(st.sampled_from(sorted(shapes._FORMATS)).flatmap(lambda kind: st.from_regex(shapes._FORMATS[kind])))
def test_a_long_text_hides_no_key(key: str) -> None:
    """Long texts are looked through in another way, and by that alone they hold what they held."""
    short, long = shapes.shaped(key), shapes.shaped(f"{'a word of many ' * 300}{key}")
    assert {what for what, _ in short} <= {what for what, _ in long}


def test_a_long_text_is_no_key_by_randomness_alone() -> None:
    """A file that somebody has encoded is as random as a key, but nobody types it."""
    random = "kJ8fhQ2mZx7LpR4tVw9YbN3cD6gS1aUe0iOq"
    assert in_variable("ANYTHING", random * 2) is not None
    assert in_variable("ANYTHING", random * 200) is None


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_holds_secrets(text: str) -> None:
    """Scripts, addresses, JSON and headers; code that hands a secret on holds none."""
    assert sorted({secret.value for secret in in_text(text)}) == TEXTS[text]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("serve --password hunter2", [(2, "--password")]),
        ("serve --password=hunter2", [(1, "password")]),
        ("serve --no-password hunter2", []),
        ("serve --password --verbose", []),
        ("redis-cli -a hunter2 ping", [(2, "")]),
        ("sh -c 'export API_TOKEN=hunter2; serve'", [(2, "API_TOKEN")]),
    ],
)
def test_a_command_line_holds_secrets(line: str, expected: list[tuple[int, str]]) -> None:
    """Each with the number of its word, and with the flag's or the variable's name."""
    assert [(number, secret.name) for number, secret in in_words(shlex.split(line))] == expected


def test_a_secret_never_shows_itself() -> None:
    """Not even where somebody prints the object."""
    assert "hunter2" not in repr(in_variable("DB_PASSWORD", "hunter2"))


@given(st.text(max_size=60), st.text(max_size=200))
def test_anything_may_be_a_variable(name: str, value: str) -> None:
    """Nothing that can be written raises, and what is found is a part of the value."""
    found = in_variable(name, value)
    assert found is None or found.value in value


PASSWORDS = st.text("abcdefghijkmnopqrstuvwxyzABCDEFGH23456789!%^+~-_.", min_size=8).filter(
    lambda text: any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text))
)


@given(st.sampled_from(["postgres", "redis", "amqp", "mysql+pymysql"]), PASSWORDS)
def test_a_url_with_a_password_is_found_under_any_name(scheme: str, password: str) -> None:
    """Whatever the password, unless it is a placeholder."""
    found = in_variable("ADDRESS", f"{scheme}://shop:{password}@db:5432/shop?timeout=3")
    assert found is None or found.value == password


@pytest.mark.parametrize(
    "piece", ["TOKEN=abcdef{n} ", "curl -u a:b{n}c ", "http://a:b{n}c@d ", "sshpass -p ", '"token": "', "eyJ"]
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """Strangers write manifests, too: four times the text may not take sixteen times as long."""

    def seconds(count: int) -> float:
        text = "".join(piece.replace("{n}", str(number)) for number in range(count))
        start = time.process_time()
        list(in_words(["sh", "-c", text]))
        return time.process_time() - start

    assert min(seconds(8000) for _ in range(3)) < 10 * min(seconds(2000) for _ in range(3)) + 0.05


VARIABLES = [tuple(line.partition("=")[::2]) for line in SECRETS]
ANY_VARIABLE = st.sampled_from(VARIABLES) | st.tuples(st.text(max_size=12), st.text(max_size=300))


@given(st.lists(st.tuples(ANY_VARIABLE, st.integers(1, 40)), max_size=8))
def test_no_secret_is_lost_among_many_variables(groups: list[tuple[tuple[str, str], int]]) -> None:
    """Those that are not looked at one by one hold nothing."""
    variables = [variable for variable, times in groups for _ in range(times)]

    held = {number for number, variable in enumerate(variables) if in_variable(*variable)}

    assert held <= set(suspects(variables))


def test_thousands_of_harmless_variables_are_not_looked_at_one_by_one() -> None:
    """One secret among them is found with few others."""
    variables = [(f"SETTING_{number}", f"{number * 7919:064x}") for number in range(5000)]
    variables[3000] = ("DB_PASSWORD", "hunter2")

    suspected = set(suspects(variables))

    assert 3000 in suspected
    assert len(suspected) < 50
