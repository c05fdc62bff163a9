"""Settings by name, as estimators have them that are cloned and searched over."""

import inspect
from typing import Any, Self


class Parameters:
    """The parameters of `__init__` of a subclass, which keeps each as an attribute of its name."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in _settings(type(self))}

    def set_params(self, **settings: Any) -> Self:
        """Change settings by name.

        Raises
        ------
        ValueError
            If a name is not that of a setting.
        """
        for name, value in settings.items():
            if name not in _settings(type(self)):
                raise ValueError(f"set_params: got {name!r}; the settings are {', '.join(_settings(type(self)))}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = inspect.signature(type(self)).parameters
        changed = [f"{name}={value!r}" for name, value in self.get_params().items() if value is not given[name].default]
        return f"{type(self).__name__}({', '.join(changed)})"


def _settings(kind: type) -> list[str]:
    return list(inspect.signature(kind).parameters)
