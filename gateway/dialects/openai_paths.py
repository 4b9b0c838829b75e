"""Where OpenAI's endpoints are found: on OpenAI, and on Azure by deployment or by model."""

from dataclasses import replace

from gateway.core.dialect import Endpoint

_AZURE_QUERY = ("api-version",)


def by_model(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    """Return an endpoint of ``/v1``, and the same on Azure's ``/openai/v1``."""
    path = f"/openai{endpoint.path}"
    return endpoint, replace(endpoint, path=path, query=(*endpoint.query, *_AZURE_QUERY))


def by_deployment(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    """Return an endpoint of ``/v1``, and the same on Azure: the deployment in the path is the model."""
    path = endpoint.path.replace("/v1/", "/openai/deployments/{deployment}/", 1)
    deployed = replace(endpoint, path=path, model="deployment", query=(*endpoint.query, *_AZURE_QUERY))
    return (*by_model(endpoint), deployed)


def by_resource(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    """Return an endpoint of ``/v1``, and the same on Azure's ``/openai`` and ``/openai/v1``."""
    path = endpoint.path.replace("/v1/", "/openai/", 1)
    return (*by_model(endpoint), replace(endpoint, path=path, query=(*endpoint.query, *_AZURE_QUERY)))
