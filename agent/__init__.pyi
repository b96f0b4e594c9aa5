from agent.library import Table as Table
from agent.library import Workspace as Workspace

__version__: str
