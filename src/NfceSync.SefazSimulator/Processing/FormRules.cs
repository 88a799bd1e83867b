namespace NfceSync.SefazSimulator;

/// <summary>Groups B and D of the manual (4.1.2, 4.1.3): what any message must pass before its content is looked at.</summary>
internal static class FormRules
{
    private const int LargestMessage = 500 * 1024;

    /// <summary>The code of the first rule broken, or 0.</summary>
    public static int Check(ServiceContract contract, int size, Payload payload, int paused)
    {
        var isBatch = contract.Service == SefazService.Autorizacao;
        return payload switch
        {
            _ when size > LargestMessage => 214,
            { FormError: 243 } => 243,
            _ when paused != 0 => paused,
            { Versao: not (null or "4.00") } => 239,
            { FormError: 402 or 587 or 588 or 404 } => payload.FormError,
            _ when payload.Root != contract.Request => isBatch ? 565 : 516,
            { Versao: null } => isBatch ? 568 : 517,
            _ => 0,
        };
    }
}
