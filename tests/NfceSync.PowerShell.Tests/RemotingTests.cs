using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public class RemotingTests
{
    [Fact]
    public async Task The_module_imports_and_writes_in_a_remote_session()
    {
        using RemoteEngine remote = await RemoteEngine.ConnectAsync(module: ProbeModule.ManifestPath);

        EngineResult result = remote.Run("Write-Probe -Count 3");

        Assert.Empty(result.Errors);
        Assert.Equal(3, result.Output.Count);
    }
}
